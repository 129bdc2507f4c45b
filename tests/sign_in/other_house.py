"""Another house that signs people in: a real OpenID Connect provider in a process of its own, on this machine.

`python -m tests.sign_in.other_house FOLDER PORT REDIRECT` serves until it is ended. Its people: `caseworker`, `stranger`,
and `stolen`, who is given the name `caseworker` there after somebody else had it. Who showed a second factor is told in
`amr`, where the last name of the account says so.
"""

import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

CLIENT, SECRET, PASSWORD = "tutela-tests", "a secret between two houses", "of the other house"
PEOPLE = {  # what they are called for us, and what the other house says of how they signed in
    "caseworker": ("caseworker", ""), "strong": ("caseworker", "mfa"), "stolen": ("caseworker", ""),
    "stranger": ("nobody-here", ""),
}  # fmt: skip


def configure(folder: Path, port: int) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY="of a provider that lives for one test", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.sqlite3")}},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        MIGRATION_MODULES={"auth": None, "contenttypes": None, "sessions": None, "oauth2_provider": None},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", LOGIN_URL="/sign-in/",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True, "OIDC_RSA_PRIVATE_KEY": key.decode(), "PKCE_REQUIRED": True,
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}",
            "SCOPES": {"openid": "who it is", "profile": "their name", "email": "their address"},
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.claims",
        },
    )  # fmt: skip


def claims(*arguments: Any) -> Any:
    """The validator that says who somebody is; made late, when Django is ready."""
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Telling(OAuth2Validator):  # type: ignore[misc]
        oidc_claim_scope = None

        def get_additional_claims(self, request: Any) -> dict[str, Any]:
            amr = request.user.last_name.split()
            return {"preferred_username": request.user.first_name, "amr": amr, "email": "a@example.org"}

    return Telling(*arguments)


def __getattr__(name: str) -> Any:
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.http import HttpRequest, HttpResponse
    from django.urls import include, path

    def sign_in(request: HttpRequest) -> HttpResponse:
        from django.contrib.auth import authenticate, login
        from django.shortcuts import redirect

        user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
        assert user is not None
        login(request, user)
        return redirect(request.GET["next"])

    return [path("sign-in/", sign_in), path("", include("oauth2_provider.urls"))]


def main(folder: str, port: str, redirect: str) -> None:
    configure(Path(folder), int(port))
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from oauth2_provider.models import Application

    call_command("migrate", run_syncdb=True, verbosity=0)
    for username, (name, amr) in PEOPLE.items():
        User.objects.create_user(username, password=PASSWORD, first_name=name, last_name=amr)
    Application.objects.create(
        name="Tutela", client_id=CLIENT, client_secret=SECRET, redirect_uris=redirect, skip_authorization=True,
        client_type="confidential", authorization_grant_type="authorization-code", algorithm="RS256",
    )  # fmt: skip

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    make_server("127.0.0.1", int(port), get_wsgi_application(), handler_class=Quiet).serve_forever()


if __name__ == "__main__":
    sys.modules["tests.sign_in.other_house"] = sys.modules["__main__"]
    main(*sys.argv[1:])
