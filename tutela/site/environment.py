"""Settings from the environment: typed, and where one is missing or wrong, a sentence that says how to repair it."""

import os
import re
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def text(name: str, *, default: str | None = None, choices: tuple[str, ...] = ()) -> str:
    """The setting `name`. Raises ImproperlyConfigured where it is missing or not one of `choices`."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment; docs/operate.md says what it means."
        )
    if choices and value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to one of: {', '.join(choices)}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """The yes-or-no setting `name`."""
    value = os.environ.get(name, "1" if default else "0").lower()
    if value not in {"0", "1", "no", "yes", "false", "true"}:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 (yes) or 0 (no).")
    return value in {"1", "yes", "true"}


def number(name: str, *, default: int) -> int:
    """The whole number `name`, of one or more."""
    value = os.environ.get(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number of one or more.")
    return int(value)


def issuer(url: str) -> list[dict[str, object]]:
    """How allauth is told of the house that signs people in (OpenID Connect); none where `url` is empty."""
    if not url:
        return []
    return [{
        "provider_id": "oidc", "name": text("TUTELA_OIDC_NAME", default="OpenID Connect"),
        "client_id": text("TUTELA_OIDC_CLIENT_ID"), "secret": text("TUTELA_OIDC_CLIENT_SECRET"),
        "settings": {"server_url": url},
    }]  # fmt: skip


def words(name: str, *, default: str) -> list[str]:
    """The comma-separated setting `name`."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def networks(name: str, *, default: str) -> list[IPv4Network | IPv6Network]:
    """The comma-separated networks `name`. Raises ImproperlyConfigured for what is none."""
    try:
        return [ip_network(word) for word in words(name, default=default)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is no list of networks: {error}. Write it like 10.1.0.0/16,192.168.7.0/24."
        ) from error


def folder(name: str, *, default: Path) -> Path:
    """The folder `name`, made (and closed to other users) where it does not exist."""
    path = Path(os.environ.get(name, str(default))).resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is {path}, which cannot be made: {error.strerror}. Choose a folder you may write to."
        ) from error
    return path


def places(name: str) -> list[str]:
    """The setting `name`: folders and addresses of mail, with commas between them. None where it is not set."""
    found = words(name, default="")
    for place in found:
        if not Path(place).is_absolute() and not re.fullmatch(r"[^@\s/]+@[^@\s/]+", place):
            raise ImproperlyConfigured(
                f"{name} names {place!r}, which is no folder from the root (/…) and no address of mail. Mend it."
            )
    return found


def mail(name: str) -> dict[str, Any]:
    """The mail server in the setting `name`, as `smtp+tls://user:password@mail.example.org:587`. Empty: there is none."""
    url = urlsplit(os.environ.get(name, ""))
    if not url.geturl():
        return {}
    if url.scheme not in _MAIL_PORTS or not url.hostname:
        raise ImproperlyConfigured(
            f"{name} is not an address of a mail server. Write it like smtp+tls://user:password@mail.example.org:587."
        )
    return {
        "HOST": url.hostname, "PORT": url.port or _MAIL_PORTS[url.scheme], "USE_TLS": url.scheme == "smtp+tls",
        "USE_SSL": url.scheme == "smtps", "HOST_USER": unquote(url.username or ""),
        "HOST_PASSWORD": unquote(url.password or ""),
    }  # fmt: skip


def secret(name: str, *, kept_in: Path, make: bool) -> str:
    """The secret `name` from the environment; with `make`, one that is made once and kept in a file."""
    if value := os.environ.get(name):
        return value
    if not make:
        raise ImproperlyConfigured(
            f"{name} is not set. Give it at least 50 random characters and keep it out of the repository."
        )
    if not kept_in.exists():
        descriptor = os.open(kept_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return kept_in.read_text()
