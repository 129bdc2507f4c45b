"""`python -m tutela.keeper`: run the keeper of this host."""

import argparse
import logging
import sys
from pathlib import Path

from tutela.keeper.errors import CannotStart
from tutela.keeper.keys import FileKey, RootKeyDriver
from tutela.keeper.sealed import SealedKey
from tutela.keeper.server import serve


def main() -> int:
    """Read the command line and serve. Returns 0 after a wanted stop, 2 with a sentence on what to repair."""
    asked = _command_line()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s keeper %(message)s")
    try:
        serve(socket_path=asked.socket.absolute(), driver=_driver(asked))
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _driver(asked: argparse.Namespace) -> RootKeyDriver:
    if asked.sealed_key is not None:
        return SealedKey(asked.sealed_key)
    if not asked.demonstration:
        raise CannotStart("A root key in a plain file is for demonstrations only: say --demonstration.")
    return FileKey(asked.key_file)


def _command_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tutela.keeper", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="where others ask it")
    kept = parser.add_mutually_exclusive_group(required=True)
    kept.add_argument(
        "--sealed-key", type=Path, help="the folder of the root key that is sealed for custodians"
    )
    kept.add_argument("--key-file", type=Path, help="the root key; made on first use")
    parser.add_argument("--demonstration", action="store_true", help="the children here are invented")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
