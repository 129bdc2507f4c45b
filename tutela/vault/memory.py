"""Where what is in the memory of this machine may be written to."""

from pathlib import Path

_SWAPS = Path("/proc/swaps")
_DEVICES = Path("/sys/class/block")


def swap_in_the_clear(swaps: Path = _SWAPS, devices: Path = _DEVICES) -> list[str]:
    """The swap of this machine that cannot be seen to be encrypted, or in memory itself. Where nothing can be seen: none."""
    try:
        lines = swaps.read_text().splitlines()[1:]
    except OSError:
        return []
    places = [line.split()[0] for line in lines if line.strip()]
    return [place for place in places if not _is_safe(Path(place), devices)]


def _is_safe(place: Path, devices: Path) -> bool:
    name = place.resolve().name
    if name.startswith("zram"):
        return True
    try:
        return (devices / name / "dm" / "uuid").read_text().startswith("CRYPT-")
    except OSError:
        return False
