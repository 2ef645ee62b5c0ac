"""Runs the migration of an application in a new environment, before its services use it.

systemd runs it, as the service's account and in the service's sandbox: the template unit NAME-migrate@.service, whose instance is
the path of an environment below the application's folder, escaped (systemd.unit(5)). Services require the instance `venv`, so that
one that is started later migrates first.
"""

import os
import subprocess

from typing import List

from .application import ENVIRONMENTS_LINK, HOME, Application
from .errors import RuntimeProblem

SYSTEMCTL = "/usr/bin/systemctl"
# sd_booted(3)
BOOTED = "/run/systemd/system"
IDLE = ("inactive", "failed")


def migrate(application: Application) -> None:
    """Runs the migration if one of the application's units is active; else it runs before the next start of a service.

    Raises a RuntimeProblem if it fails.
    """
    if not os.path.isdir(BOOTED):
        return
    if not _is_active(application.units):
        # It stays active after it has run; now it must run again.
        _systemctl("stop", _unit(application, HOME))
        return
    unit = _unit(application, "{}-{}".format(ENVIRONMENTS_LINK, application.id))
    status = _systemctl("restart", unit).returncode
    result = _show("Result", [unit])
    if status != 0:
        raise RuntimeProblem(
            "MIGRATION_FAILED",
            unit,
            ["the migration of {} failed ({})".format(application.name, ", ".join(result) or "systemctl failed")],
            "a migration that succeeds; until then the old environment stays in use and no service is restarted",
            "Read its output: journalctl --unit {}; correct the cause, then run: {}; or go back: dnf downgrade {}".format(
                unit, "dnf reinstall " + application.name, application.name
            ),
        )
    _systemctl("stop", unit)


def _unit(application: Application, instance: str) -> str:
    return "{}-migrate@{}.service".format(application.name, instance)


def _is_active(units: List[str]) -> bool:
    """A service that systemd starts again and again is active too: the upgrade may be what makes it work."""
    return any(state not in IDLE for state in _show("ActiveState", units)) if units else False


def _show(field: str, units: List[str]) -> List[str]:
    lines = _systemctl("show", "--property", field, *units).stdout.split("\n")
    return [line.partition("=")[2] for line in lines if line.startswith(field + "=")]


def _systemctl(*arguments: str) -> "subprocess.CompletedProcess[str]":
    # Its own message would appear beside the one above.
    return subprocess.run(
        [SYSTEMCTL] + list(arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        universal_newlines=True,
    )
