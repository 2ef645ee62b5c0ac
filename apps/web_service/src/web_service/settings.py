"""Django's settings, from the administrator's (https://docs.djangoproject.com/en/5.2/ref/settings/)."""

from .configuration import read_configuration

CONFIGURATION = read_configuration()

SECRET_KEY = CONFIGURATION.secret_key()
ALLOWED_HOSTS = list(CONFIGURATION.allowed_hosts)
DEBUG = False
ROOT_URLCONF = "web_service.urls"
WSGI_APPLICATION = "web_service.wsgi.application"
INSTALLED_APPS = ["web_service"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": CONFIGURATION.database,
        # Readers don't wait for a writer, and writers wait for each other from their start on.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
