"""How people come in: allauth signs them in; nobody makes an account for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from tutela.access import at_rest
from tutela.access.people import FACTORS
from tutela.access.queries import find_user
from tutela.web import known_devices, sign_ins
from tutela.web.second_factor import has_one, may_change_factors, must_have_one

if TYPE_CHECKING:
    from tutela.access.models import User

_ISSUER_FACTOR = "issuer_factor"  # in the session: the other house says that it asked for a second factor
_CODE_LIVES = 90  # seconds in which a one-time code would be right again: one step before and one after


class ClosedDoorAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """An administrator makes accounts; the public sign-up stays shut."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy(
            "The name and the password do not go together. Look at both and try again."
        ),
        "too_many_login_attempts": gettext_lazy(
            "There were too many attempts with this name. Wait five minutes and try again, or use your passkey."
        ),
        "rate_limited": gettext_lazy("There were too many attempts. Wait five minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt: on a device of theirs apart from those of everybody else. Raises ValidationError."""
        device = known_devices.device_of(request, credentials.get("username") or "")
        key = device or self._get_login_attempts_cache_key(request, **credentials)
        action = "login_failed_known" if device else "login_failed"
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action=action, key=key
        )
        if not self._login_failed_rl_usage:
            sign_ins.held_back(credentials)  # allauth sends no signal then
            raise self.validation_error("too_many_login_attempts")

    def post_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **about)
        known_devices.remember(request, response, username=user.username)
        if any(one.get("type") == "recovery_codes" for one in get_authentication_records(request, user)):
            messages.warning(request, _codes_left(user))
        return response

    def logout(self, request: HttpRequest) -> None:
        super().logout(request)
        request.signed_out = True  # type: ignore[attr-defined]  # the browser is told to clear what it kept

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("today")

    def get_login_stages(self) -> list[str]:
        return ["tutela.web.accounts.SecondFactorStage"]

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Whoever has a second factor shows that; a password alone changes nothing any more."""
        every: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        factors = [one for one in every if one["id"] != "reauthenticate"]
        words = {
            "reauthenticate": gettext("Use your password"),
            "mfa_reauthenticate": gettext("Use a code"),
            "mfa_reauthenticate:webauthn": gettext("Use a passkey or security key"),
        }
        return [one | {"description": words[one["id"]]} for one in (factors or every)]

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        return not may_change_factors(self.request)


def _codes_left(user: User) -> str:
    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    left = len(kept.wrap().get_unused_codes())
    return ngettext(
        "You used a recovery code. There is %(n)s left: make new ones under “Second factor”.",
        "You used a recovery code. There are %(n)s left: make new ones under “Second factor” in time.",
        left,
    ) % {"n": left}


def client_address(request: HttpRequest) -> str | None:
    """From where somebody asks, as the proxy tells it where there is one."""
    address: str | None = get_client_ip(request)
    return address


class OwnPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """Another password; the one that somebody else gave them is no password of their own."""

    def clean_password1(self) -> str:
        chosen: str = self.cleaned_data["password1"]
        if self.user.check_password(chosen):
            raise forms.ValidationError(gettext("This is the password that you have. Choose another one."))
        return chosen


# --- The second factor ---------------------------------------------------------------------------------------


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]
    """After the password, the second factor; unless another house that we trust with it has asked for one."""

    def _should_handle(self, request: HttpRequest) -> bool:
        if request.session.pop(_ISSUER_FACTOR, None) == str(self.login.user.pk):
            return False
        return bool(super()._should_handle(request))


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of one-time codes are sealed where they lie."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "That did not work. Try again, with a new code or the key you set up here."
        ),
        "cannot_delete_authenticator": gettext_lazy(
            "This is your only second factor. Set up another one first, then take this one away."
        ),
    }

    def encrypt(self, text: str) -> str:
        return at_rest.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return at_rest.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return str(settings.INSTALLATION_NAME)

    def _get_site_name(self) -> str:
        return str(settings.INSTALLATION_NAME)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Never the last one of somebody who must have one."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(
            pk=authenticator.pk
        )
        return others.exists() or not must_have_one(authenticator.user)

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return gettext("My phone") if not has_one(user) else gettext("Another key")


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey, or a security key for after the password."""

    name = forms.CharField(label=gettext_lazy("What you call it"), max_length=60, required=False)
    passwordless = forms.BooleanField(
        label=gettext_lazy("Sign in with it alone, without name and password"), required=False, initial=True,
        help_text=gettext_lazy("Untick it where your key has no finger sensor and no PIN: it counts after your password."),
    )  # fmt: skip


class _TakenOnce(forms.Form):
    """A one-time code is taken once. Allauth forgets used codes before the last moment at which they are right."""

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        digits = "".join(filter(str.isalnum, code))
        if not cache.add(f"code-used-{self.user.pk}-{digits}", "y", timeout=_CODE_LIVES):
            raise FactorAdapter().validation_error("incorrect_code")
        return code


class CodeForm(_TakenOnce, AuthenticateForm):  # type: ignore[misc]
    """A code after the password."""


class CodeAgainForm(_TakenOnce, ReauthenticateForm):  # type: ignore[misc]
    """A code once more, before something that can do harm."""


# --- OpenID Connect ------------------------------------------------------------------------------------------


class IssuerAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Somebody whom another house has signed in: let in where an administrator gave them an account here, by its name.

    The first time, the name the other house gives is looked up and its own lasting id is kept; from then on that id
    counts, so whoever gets the name there later is not taken for them here.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        told = sociallogin.account.extra_data
        sociallogin.account.extra_data = {}  # nothing of what the other house told is kept
        if sociallogin.account.pk:
            sociallogin.account.save(update_fields=["extra_data"])
        user = sociallogin.user if sociallogin.is_existing else _meant(told, sociallogin.account.provider)
        if user is None or sociallogin.state.get("process") != "login":
            words = gettext(
                "Nobody here has the name you have there. Ask the person who looks after accounts."
            )
            messages.error(request, words)
            raise ImmediateHttpResponse(redirect("account_login"))
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)
        if settings.OIDC_TRUSTED_AMR & set(told.get("id_token", {}).get("amr", [])):
            request.session[_ISSUER_FACTOR] = str(user.pk)
            record_authentication(request, user, "mfa", type="issuer")


def _meant(told: dict[str, Any], provider: str) -> User | None:
    """Who in this house is meant; nobody where the name is unknown, or belongs to somebody who came before."""
    name = told.get("userinfo", {}).get(settings.OIDC_CLAIM) or told.get("id_token", {}).get(
        settings.OIDC_CLAIM
    )
    user = find_user(name) if isinstance(name, str) and name else None
    if user is None or SocialAccount.objects.filter(provider=provider, user_id=user.pk).exists():
        return None
    return user
