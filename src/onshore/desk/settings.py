"""Django's settings, from the environment.

``ONSHORE_DATA``      the data folder: database, files, secret key; the user's own by default
``DATABASE_URL``      PostgreSQL instead of SQLite: postgresql://user:password@host:5432/name
``ONSHORE_SECRET_KEY``  signs sessions; without it, a key kept in the data folder
``ONSHORE_HOSTS``     names under which the desk is reached, joined by commas
``ONSHORE_HTTPS``     1 where the desk stands behind HTTPS: secure cookies and HSTS
``ONSHORE_EMAIL_URL`` smtp://user:password@host:587; without it alerts stay on the page
``ONSHORE_FROM``      the sender's address of e-mail
``ONSHORE_DEBUG``     1 for development only
"""

import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

import dj_database_url
from csp.constants import NONE, SELF

from onshore.desk.running.data_folder import data_folder, secret_key

HERE = Path(__file__).parent
DATA = data_folder()

DEBUG = os.environ.get("ONSHORE_DEBUG") == "1"
SECRET_KEY = secret_key(DATA)
_https = os.environ.get("ONSHORE_HTTPS") == "1"
ALLOWED_HOSTS = [
    *(name.strip() for name in os.environ.get("ONSHORE_HOSTS", "").split(",") if name.strip()),
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if _https else []

INSTALLED_APPS = [
    "onshore.desk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "onshore.desk.entering.requests.RequestLog",
    "onshore.desk.running.measures.Measured",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "onshore.desk.entering.requests.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "onshore.desk.entering.sessions.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "onshore.desk.entering.requests.ActorMiddleware",
    "onshore.desk.entering.ratelimit.RateLimit",
    "onshore.desk.entering.requests.WrongMethod",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "onshore.desk.urls"
WSGI_APPLICATION = "onshore.desk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "onshore.desk.entering.requests.page_context",
            ],
            "builtins": ["onshore.desk.templatetags.desk"],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{DATA / 'onshore.sqlite3'}",
        conn_max_age=600,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
            " PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

AUTH_USER_MODEL = "desk.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "onshore.desk.screens.failures.expired_form"
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "onshore.desk.screens.failures.locked_out"
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = (
    []
    if _https
    else ["security.W004", "security.W008", "security.W012", "security.W016", "security.W021"]
)

OTP_TOTP_ISSUER = "onshore"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fa", "فارسی")]
LOCALE_PATHS = sorted(str(path) for path in (HERE / "locale").iterdir() if path.is_dir())
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("ONSHORE_TIME_ZONE", "UTC")
FORMAT_MODULE_PATH: list[str] = []

STATIC_URL = "/static/"
STATICFILES_DIRS = [(name, str(HERE.parent / "report" / name)) for name in ("fonts", "look")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = DATA / "files"
MEDIA_URL = "/files/"
MOST_UPLOAD_BYTES = 50 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
FILE_UPLOAD_PERMISSIONS = 0o600

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 5_000},  # beyond that many, some are dropped at random
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_mail = urlparse(os.environ.get("ONSHORE_EMAIL_URL", ""))
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if _mail.hostname
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "", _mail.port or 587
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_TLS = bool(_mail.hostname)
DEFAULT_FROM_EMAIL = os.environ.get("ONSHORE_FROM", "onshore@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "onshore.desk.running.logs.JsonLines"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"}
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("ONSHORE_LOG", "WARNING")},
    "loggers": {"onshore.desk": {"level": os.environ.get("ONSHORE_LOG", "INFO")}},
}
