"""Sessions, kept on the server with whose they are: so they can be listed, and ended at once (ADR 0035)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError

if TYPE_CHECKING:
    from tutela.access.models import Session, User


class SessionStore(DatabaseStore):
    """Django's own, in a table that also says whose a session is, in which browser, since when, and when last used."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        from tutela.access.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        row.browser = data.get("browser", "")
        row.began, row.seen = _moment(data, "began"), _moment(data, "seen")
        return row

    def save(self, must_create: bool = False) -> None:
        """Django takes a database that went away meanwhile for a session that was ended, and answers 400 and not 503."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise


def _moment(data: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromtimestamp(data[name], UTC) if name in data else None


def sessions_of(user: User, *, at: datetime) -> list[Session]:
    """Where somebody is signed in, the one used last first."""
    model = SessionStore.get_model_class()
    return list(model.objects.filter(user=user, expire_date__gt=at).order_by("-seen", "session_key"))


def end_sessions(user: User, *, which: str = "", keep: str = "") -> int:
    """End the sessions of somebody: all of them, the one named by its handle, or all but the one with the key `keep`.

    Returns how many there were.
    """
    rows = SessionStore.get_model_class().objects.filter(user=user)
    ended = [one for one in rows if one.session_key != keep and which in ("", one.handle)]
    rows.filter(session_key__in=[one.session_key for one in ended]).delete()
    return len(ended)
