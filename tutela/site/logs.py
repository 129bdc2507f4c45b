"""What a line of the log may say: what went wrong and where in the program, never what somebody wrote or asked for."""

import logging
import traceback
from typing import Any


class Line(logging.Formatter):
    """One line: the words of errors and the addresses of requests are left out, since both may quote a child's name."""

    def format(self, record: logging.LogRecord) -> str:
        if status := getattr(record, "status_code", None):  # Django names the address that was asked for
            record = logging.makeLogRecord(record.__dict__ | {"msg": f"answered {status}", "args": ()})
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        kind, error, _ = ei
        places = traceback.extract_tb(error.__traceback__)
        return "\n".join([f"  {one.filename}:{one.lineno} {one.name}" for one in places] + [kind.__name__])
