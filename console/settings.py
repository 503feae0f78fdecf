"""Django's settings. Whatever differs between machines comes from console.environment."""
from base64 import b64encode
from datetime import timedelta

from csp.constants import NONE, SELF

from console import environment

SECRET_KEY = b64encode(environment.derived_key("django")).decode()
DEBUG = False
IN_SERVICE = environment.in_service()
ALLOWED_HOSTS = environment.hosts()
STAFF_NETWORKS = environment.networks("IDCARD_CONSOLE_NETWORKS")  # empty: from anywhere
TRUSTED_PROXIES = environment.networks("IDCARD_TRUSTED_PROXIES")
DATABASES = {
    "default": environment.database("IDCARD_CONSOLE_DATABASE_URL", environment.CONSOLE_URL),
    "rasa": environment.database("IDCARD_DATABASE_URL", environment.EVENTS_URL, must_exist=True),
}
DATABASE_ROUTERS = ["console.routers.EventsRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.staticfiles", "django_otp", "django_otp.plugins.otp_totp", "axes", "console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "console.addresses.NetworksMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "console.middleware.GuardMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "builtins": ["console.templatetags.shown"],
        "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                               "django.contrib.messages.context_processors.messages", "console.access.menu"],
    },
}]

LANGUAGE_CODE = "zh-hans"
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Static files come from the package itself; nothing is collected and nothing is fetched from elsewhere.
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

AUTH_USER_MODEL = "console.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
OTP_TOTP_ISSUER = "身份证问答控制台"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
# By name and address together: by name alone anybody could lock anybody out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "console.addresses.client_address"
AXES_RESET_ON_SUCCESS = AXES_DISABLE_ACCESS_LOG = True  # the console's own record says who signed in
AXES_LOCKOUT_TEMPLATE = "console/locked.html"
AXES_VERBOSE = False

# 15 minutes without a request end a session; it never outlives the browser.
SESSION_COOKIE_AGE = 15 * 60
SESSION_SAVE_EVERY_REQUEST = SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "console_session", "console_csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IN_SERVICE
CSRF_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IN_SERVICE else None
SECURE_HSTS_SECONDS = 31_536_000 if IN_SERVICE else 0
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer would make the Origin of forms null and fail them
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": [SELF], "object-src": [NONE], "base-uri": [NONE], "form-action": [SELF], "frame-ancestors": [NONE],
}}

LOGGING = {
    "version": 1, "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"console": {"level": "INFO"}},
}
