"""Alive, and ready."""

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from tutela.foundation.refusals import Unavailable
from tutela.vault.keeper import keeper


def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; and whether the vault is open. Always 200."""
    return JsonResponse({"status": "alive", "vault": "open" if _keeper_state() == "open" else "locked"})


def ready(request: HttpRequest) -> HttpResponse:
    """Ready to serve cases: both databases answer and the keeper is open. Else 503, with what is missing."""
    missing = [name for name in ("default", "keyring") if not _answers(name)]
    if (state := _keeper_state()) != "open":
        missing.append(f"keeper {state}")
    return JsonResponse(
        {"status": "not ready" if missing else "ready", "missing": missing}, status=503 if missing else 200
    )


def _answers(database: str) -> bool:
    try:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _keeper_state() -> str:
    try:
        return keeper().status()["state"]
    except Unavailable:
        return "stopped"
