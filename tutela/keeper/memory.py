"""That nothing in the memory of this process is written anywhere: no core dump, no debugger, no swap where that can be had."""

import ctypes
import os
import resource

_PR_SET_DUMPABLE = 4  # linux/prctl.h
_CURRENT, _FUTURE, _ON_FAULT = 1, 2, 4  # MCL_… of mlockall(2)


def leave_no_traces() -> None:
    """No core dump, no debugger, and files that only this user can open."""
    os.umask(0o177)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def keep_in_memory() -> bool:
    """Have this process never swapped out. False where the system does not let it.

    Only without a limit: under one, the process would later be refused the memory that it needs.
    """
    mlockall = getattr(ctypes.CDLL(None), "mlockall", None)
    if mlockall is None or not _may_lift_the_limit():
        return False
    return bool(mlockall(_CURRENT | _FUTURE | _ON_FAULT) == 0)


def _may_lift_the_limit() -> bool:
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, unlimited)
    except (ValueError, OSError):
        return False
    return True
