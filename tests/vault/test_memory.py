"""Swap of which nobody can see that it is encrypted is named."""

from pathlib import Path

from tutela.vault.memory import swap_in_the_clear


def test_swap_that_may_lie_in_the_clear_is_named(tmp_path: Path) -> None:
    swaps, devices = tmp_path / "swaps", tmp_path / "block"
    (devices / "dm-1" / "dm").mkdir(parents=True)
    (devices / "dm-1" / "dm" / "uuid").write_text("CRYPT-PLAIN-swap\n")
    (devices / "dm-2" / "dm").mkdir(parents=True)
    (devices / "dm-2" / "dm" / "uuid").write_text("LVM-abc\n")
    lines = ("Filename Type Size Used Priority", *(f"{place} partition 100 0 -2" for place in (
        "/dev/dm-1", "/dev/dm-2", "/dev/zram0", "/dev/sda2", "/swapfile",
    )))  # fmt: skip
    swaps.write_text("\n".join(lines) + "\n")
    assert swap_in_the_clear(swaps, devices) == ["/dev/dm-2", "/dev/sda2", "/swapfile"]
    swaps.write_text(lines[0] + "\n")
    assert swap_in_the_clear(swaps, devices) == []
