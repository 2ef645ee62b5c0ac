"""Django, configured for tests: a state folder of their own. Imported before anything of Django's."""

import atexit
import os
import tempfile
from pathlib import Path

STATE = tempfile.TemporaryDirectory(prefix="web-service-")
atexit.register(STATE.cleanup)

os.environ["WEB_SERVICE_CONFIG"] = str(Path(STATE.name, "web-service.toml"))
Path(STATE.name, "web-service.toml").write_text(f'state = "{STATE.name}"\n', encoding="utf-8")
os.environ["DJANGO_SETTINGS_MODULE"] = "web_service.settings"

import django  # noqa: E402

django.setup()
