"""`python -m tutela.keeper`: run the keeper of this host."""

import argparse
import logging
import sys
from pathlib import Path

from tutela.keeper.errors import CannotStart
from tutela.keeper.keys import FileKey
from tutela.keeper.server import serve


def main() -> int:
    """Read the command line and serve. Returns 0 after a wanted stop, 2 with a sentence on what to repair."""
    asked = _command_line()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s keeper %(message)s")
    try:
        if not asked.demonstration:
            raise CannotStart("A root key in a plain file is for demonstrations only: say --demonstration.")
        serve(socket_path=asked.socket.absolute(), driver=FileKey(asked.key_file))
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _command_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tutela.keeper", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="where others ask it")
    parser.add_argument("--key-file", type=Path, required=True, help="the root key; made on first use")
    parser.add_argument("--demonstration", action="store_true", help="the children here are invented")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
