"""Every setting of an installation, in one place. What can be set from outside is read with `environment`."""

from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from tutela.site import environment

CHECKOUT = Path(__file__).resolve().parents[2]
VAR = environment.folder("TUTELA_VAR", default=CHECKOUT / "var")

# The demonstration: invented children, a root key in a plain file. Every page says so.
DEMONSTRATION = environment.flag("TUTELA_DEMONSTRATION", default=False)
DEBUG = DEMONSTRATION and environment.flag("TUTELA_DEBUG", default=False)  # debug pages print answers
SECRET_KEY = environment.secret("TUTELA_SECRET_KEY", kept_in=VAR / "secret_key", make=DEMONSTRATION)
ALLOWED_HOSTS = environment.words("TUTELA_ALLOWED_HOSTS", default="127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("TUTELA_TRUSTED_ORIGINS", default="")
INSTALLATION_NAME = environment.text("TUTELA_NAME", default="Tutela")  # R125: can be renamed everywhere

# --- Where things are kept -------------------------------------------------------------------------------------

BACKUP_TO = environment.words("TUTELA_BACKUP_TO", default="")
KEEPER_SOCKET = Path(environment.text("TUTELA_KEEPER_SOCKET", default=str(VAR / "keeper.sock")))
EXPORTS = environment.folder("TUTELA_EXPORTS", default=VAR / "exports")  # sealed, and swept within a day

# The folder of the root key that is sealed for custodians; outside a demonstration there is no other.
ROOT_KEY = Path(environment.text("TUTELA_ROOT_KEY", default=str(VAR / "root-key")))
# Photos, recordings and papers, sealed as in the databases.
ATTACHMENTS = environment.folder("TUTELA_ATTACHMENTS", default=VAR / "attachments")
CLAMAV = environment.text("TUTELA_CLAMAV", default="")  # the words that start the virus scanner


def _database(name: str, file: str) -> dict[str, object]:
    config = dict(dj_database_url.parse(environment.text(name, default=f"sqlite:///{VAR / file}")))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        config["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
        config["TEST"] = {"NAME": str(VAR / f"test-{file}")}  # a file: immediate transactions fail in memory
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASES = {
    "default": _database("TUTELA_DATABASE_URL", "tutela.sqlite3"),
    "keyring": _database("TUTELA_KEYRING_URL", "keyring.sqlite3"),
}
# On PostgreSQL, who owns the tables and changes them, where the application itself does not.
_OWNER = environment.text("TUTELA_DATABASE_OWNER_URL", default="")
DATABASE_OWNER = dict(dj_database_url.parse(_OWNER)) if _OWNER else {}
DATABASE_ROUTERS = ["tutela.vault.router.KeyringRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- What runs -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "tutela.pages",  # before allauth: our templates stand in place of its own
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "tutela.published",
    "tutela.vault",
    "tutela.audit",
    "tutela.access",
    "tutela.custody",
    "tutela.service_directory",
    "tutela.attachments",
    "tutela.cases",
    "tutela.consent",
    "tutela.intake",
    "tutela.assessment",
    "tutela.planning",
    "tutela.referral",
    "tutela.follow_up",
    "tutela.closure",
    "tutela.deadlines",
    "tutela.supervision",
    "tutela.data_protection",
    "tutela.safeguarding",
    "tutela.exports",
    "tutela.web",
]

MIDDLEWARE = [
    "tutela.web.browser.TellTheBrowser",  # first: whatever answers, files and errors included
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # a plan is a sixth of its size (docs/adr/0027)
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tutela.web.sessions.EndWhatIsIdle",
    "allauth.account.middleware.AccountMiddleware",
    "tutela.web.middleware.AnswerRefusals",
    "tutela.web.given_password.AskForTheirOwn",
    "tutela.web.second_factor.AskForOne",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tutela.site.urls"
WSGI_APPLICATION = "tutela.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tutela.pages.context.installation",
            ],
        },
    },
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tutela.site.static.HashedStaticFiles"},
}

# --- Who comes in ----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tutela.access.passwords.WordsOfThePlace"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "tutela.web.accounts.ClosedDoorAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {"change_password": "tutela.web.accounts.OwnPasswordForm"}
ACCOUNT_SESSION_REMEMBER = False  # phones and desks are shared

# A second factor of everybody who can see who a child is (docs/adr/0034). Only a demonstration may do without.
SECOND_FACTOR = environment.flag("TUTELA_SECOND_FACTOR", default=not DEMONSTRATION) or not DEMONSTRATION
MFA_ADAPTER = "tutela.web.accounts.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of thirty seconds: clocks of phones without a network are wrong
MFA_FORMS = {
    "add_webauthn": "tutela.web.accounts.AddKeyForm",
    "authenticate": "tutela.web.accounts.CodeForm",
    "reauthenticate": "tutela.web.accounts.CodeAgainForm",
}

# Sessions are kept on the server, listed and ended there (docs/adr/0035).
SESSION_ENGINE = "tutela.access.sessions"
SESSION_SERIALIZER = "tutela.access.at_rest.SealedJson"
SESSION_IDLE = 60 * environment.number("TUTELA_IDLE_MINUTES", default=15)  # seconds
SESSION_COOKIE_AGE = 3_600 * environment.number("TUTELA_SESSION_HOURS", default=12)  # seconds
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie says what was done

# Guessing. A name can be tried from many places: counted in one place for all web processes.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "counted_for_a_while"}
}
BEHIND_PROXY = environment.flag("TUTELA_BEHIND_PROXY", default=False)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
ACCOUNT_RATE_LIMITS = {
    "login": "",  # every attempt is counted as one that failed until it succeeds
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_known": "5/5m/key",  # on a device where this person has signed in: by itself
}
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}  # there is nothing to guess
AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_WHITELIST_CALLABLE = "tutela.web.known_devices.is_known"  # a colleague beside you cannot lock you out
AXES_CLIENT_IP_CALLABLE = "tutela.web.accounts.client_address"
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_USERNAME_CALLABLE = "tutela.web.known_devices.counted_as"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address"]
AXES_DISABLE_ACCESS_LOG = True  # who signed in stands in our own log, in ids

# Sign-in by another house (OpenID Connect), where an issuer is named. Nobody gets an account that way.
OIDC_ISSUER = environment.text("TUTELA_OIDC_ISSUER", default="")
OIDC_CLAIM = environment.text("TUTELA_OIDC_CLAIM", default="preferred_username")
OIDC_TRUSTED_AMR = frozenset(environment.words("TUTELA_OIDC_TRUSTED_AMR", default=""))
SOCIALACCOUNT_ADAPTER = "tutela.web.accounts.IssuerAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: our policy lets no form be sent elsewhere
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": environment.issuer(OIDC_ISSUER)}
}

# --- What the browser is told ----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [NONE],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # stricter, and browsers send forms without their origin
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = environment.flag("TUTELA_HTTPS", default=not DEMONSTRATION)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# From where custodians may open the files on a page: this machine and private networks, where nothing else is said.
UNLOCK_NETWORKS = environment.networks(
    "TUTELA_UNLOCK_NETWORKS",
    default="127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10",
)
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
KNOWN_DEVICE_COOKIE_NAME = "__Host-known" if HTTPS else "known"
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMONSTRATION and not HTTPS  # http://localhost, for invented children
CSRF_FAILURE_VIEW = "tutela.web.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_HANDLERS = ["tutela.web.uploads.InMemory"]  # never on a disk in the clear

# --- Language and time -----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [CHECKOUT / "tutela" / "pages" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- What is written down about running it ---------------------------------------------------------------------

# No request body, no query string, no local variables: a log line never carries a child's data.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "tutela.site.logs.Line",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

# --- What leaves the machine -----------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_MAIL = environment.mail("TUTELA_MAIL_URL")
EMAIL_HOST, EMAIL_PORT = _MAIL.get("HOST", ""), _MAIL.get("PORT", 0)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.get("HOST_USER", ""), _MAIL.get("HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.get("USE_TLS", False), _MAIL.get("USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = environment.text("TUTELA_MAIL_FROM", default="tutela@localhost")
AUDIT_HEADS = environment.places("TUTELA_AUDIT_HEADS")  # where heads of the log are sent
SILENCED_SYSTEM_CHECKS: list[str] = []
