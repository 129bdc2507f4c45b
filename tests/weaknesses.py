"""`python -m tests.weaknesses`: what Tutela stands on, held against the list of known weaknesses (pip-audit).

Fails where one is known. Where the list cannot be reached it says so and does not fail: a check that needs the network
must not stop whoever works without it. A mirror that has packages but no list of weaknesses counts as not reached.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
PATIENCE = 180  # seconds


def main() -> int:
    told = found_by(CHECKOUT / "requirements" / "base.txt")
    skipped = [one["name"] for one in told if "skip_reason" in one]
    weak = [
        f"{one['name']} {one['version']}: {known['id']}" for one in told for known in one.get("vulns", [])
    ]
    if len(skipped) == len(told):
        print("Not reachable: the index here has no list of known weaknesses. Nothing was checked.")
        return 0
    print("\n".join([*weak, f"{len(told) - len(skipped)} packages checked, {len(skipped)} not on the list."]))
    return 1 if weak else 0


def found_by(requirements: Path) -> list[dict[str, Any]]:
    """What pip-audit says of each pinned package; nothing where it got no answer."""
    command = [
        str(Path(sys.executable).parent / "pip-audit"), "--requirement", str(requirements), "--disable-pip",
        "--require-hashes", "--progress-spinner", "off", "--timeout", "10", "--format", "json",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
        dependencies: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        return []
    return dependencies


if __name__ == "__main__":
    sys.exit(main())
