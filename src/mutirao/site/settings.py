"""Settings of the web application. What differs between places is read from the environment, named MUTIRAO_*."""

import os
import sys
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from mutirao.ground.speech import LANGUAGES as SPOKEN
from mutirao.site.database import database_of
from mutirao.site.keeping import secret_key
from mutirao.site.wording import compiled_catalogues

BASE = Path(__file__).resolve().parent
#: Everything the application keeps: database, uploads, runs, its secret key.
DATA = Path(os.environ.get("MUTIRAO_DATA", "out/web")).absolute()
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)

#: Set to 1 where people reach the application by https (a proxy in front sets X-Forwarded-Proto).
HTTPS = os.environ.get("MUTIRAO_HTTPS") == "1"
DEBUG = os.environ.get("MUTIRAO_DEBUG_PAGES") == "1"
SECRET_KEY = os.environ.get("MUTIRAO_SECRET_KEY") or secret_key(DATA / "secret-key")
ALLOWED_HOSTS = [h for h in os.environ.get("MUTIRAO_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
#: The address people type, for links in e-mails and for passkeys.
ADDRESS = os.environ.get("MUTIRAO_ADDRESS", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [ADDRESS]

INSTALLED_APPS = [
    "mutirao.web.people",
    "mutirao.web.cities",
    "mutirao.web.runs",
    "mutirao.web.plans",
    "mutirao.web.departments",
    "mutirao.site.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "ninja",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "mutirao.site.middleware.speak",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "mutirao.site.middleware.guarded",
]
ROOT_URLCONF = "mutirao.site.urls"
WSGI_APPLICATION = "mutirao.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mutirao.site.context.everywhere",
            ],
            "builtins": ["django.templatetags.i18n", "mutirao.site.templatetags.words"],
            "string_if_invalid": "",
        },
    }
]
FORM_RENDERER = "mutirao.site.forms.Renderer"

# ---- where things are kept ------------------------------------------------------------------------------------
DATABASES = {"default": database_of(os.environ.get("MUTIRAO_DATABASE", ""), DATA / "mutirao.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
#: Shared by all processes, so that limits on tries hold; in the database, so that nothing else must run.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    "near": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},  # each process's own
}
#: Versions of cities, artefacts of runs: outside whatever is served.
KEPT = DATA / "kept"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
#: Whatever form they are sent to, and by whom: files beyond the limit are read no further.
FILE_UPLOAD_HANDLERS = [
    "mutirao.web.cities.receiving.Limit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
#: Uploaded bytes, unpacked bytes and files of a city at most.
UPLOAD_BYTES, UNPACKED_BYTES, UNPACKED_FILES = 20_000_000, 100_000_000, 200

# ---- people ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
#: Limits on tries count by the address that the proxy in front of a public site names.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0
ACCOUNT_ADAPTER = "mutirao.web.people.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "mutirao.web.people.accounts.NameForm"
#: An address is confirmed where letters really leave the house; on one's own machine they go to the console.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if os.environ.get("MUTIRAO_MAIL") else "optional"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Mutirão: "
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Mutirão"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("MUTIRAO_MAIL")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST, _colon, _port = os.environ.get("MUTIRAO_MAIL", "localhost:25").partition(":")
EMAIL_PORT = int(_port or 25)
EMAIL_HOST_USER = os.environ.get("MUTIRAO_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("MUTIRAO_MAIL_PASSWORD", "")
EMAIL_TIMEOUT = 20
EMAIL_USE_TLS = bool(EMAIL_HOST_USER)
DEFAULT_FROM_EMAIL = os.environ.get("MUTIRAO_MAIL_FROM", "Mutirão <mutirao@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ---- languages ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = list(SPOKEN.items())
LOCALE_PATHS = [compiled_catalogues(DATA / "wording")]
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = os.environ.get("MUTIRAO_TIME_ZONE", "UTC")

# ---- files for browsers ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE / "static"]
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MAX_AGE = 86_400

# ---- safety ---------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 86_400
CSRF_FAILURE_VIEW = "mutirao.site.views.stale_form"

# ---- work -----------------------------------------------------------------------------------------------------
#: Seconds for which a worker holds a run without a sign of life; tries before a run is given up.
RUN_LEASE, RUN_TRIES = 30, 3
#: Runs that one person may have waiting or going on at once.
RUNS_EACH = 3
#: Memory (bytes) and time (seconds) of one run.
RUN_MEMORY, RUN_SECONDS = 8_000_000_000, 3_600
#: The program that does one run, given the run's folder; without Django and without this place's secrets.
RUN_JOB = [sys.executable, "-m", "mutirao.worker.job"]
#: Requests a minute to the interface for programs: without a token (by address), with one, and runs started.
API_OPEN, API_KNOWN, API_RUNS = int(os.environ.get("MUTIRAO_API_OPEN", "600")), 3_000, 20
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"mutirao": {"level": "INFO"}},
}
#: Kept here so that a translator finds the product's one line.
TAGLINE = _("From a city's own figures to the least-cost plan to carbon neutrality, under rules that people set")
