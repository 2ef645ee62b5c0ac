"""An application that migrates its data: what is switched when, and what systemd is asked for."""

import json
import os
import stat
import unittest

from typing import Any, Dict, List
from unittest import mock

from application_fixture import ApplicationTestCase

from pinpack_runtime import migration
from pinpack_runtime.application import Application
from pinpack_runtime.environment import make_environment, prune_environments, repair_environment, switch_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem

UNITS = ["demo-app.socket", "demo-app.service"]
# Answers like systemctl, from files beside it: ActiveState of each unit, and the exit code of a migration.
SYSTEMCTL = """#!/bin/sh
here=$(dirname "$0")
case $1 in
  show)
    case $3 in
      ActiveState) while read -r state; do echo "ActiveState=$state"; echo; done < "$here/states" ;;
      Result) echo Result=exit-code ;;
    esac
    exit 0 ;;
esac
echo "$*" >> "$here/calls"
[ "$1" = restart ] || exit 0
readlink {home} >> "$here/calls"
exit "$(cat "$here/code")"
"""


class MigrationTest(ApplicationTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.application = self.make_application(self.first)
        self.systemd = os.path.join(self.root, "systemd")
        os.mkdir(self.systemd)
        program = os.path.join(self.systemd, "systemctl")
        with open(program, "w") as file:
            file.write(SYSTEMCTL.replace("{home}", self.application.home))
        os.chmod(program, stat.S_IRWXU)
        for name, value in (("SYSTEMCTL", program), ("BOOTED", self.systemd)):
            patch = mock.patch.object(migration, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.answer("active", "active")
        make_environment(self.application)
        self.newer = self.make_application(self.first, self.second)

    def fields(self, *wheels: Dict[str, str]) -> Dict[str, Any]:
        return dict(super().fields(*wheels), migrateWhileActive=UNITS)

    def answer(self, *states: str, code: int = 0) -> None:
        for name, text in (("states", "\n".join(states) + "\n"), ("code", str(code))):
            with open(os.path.join(self.systemd, name), "w") as file:
                file.write(text)

    def calls(self) -> List[str]:
        path = os.path.join(self.systemd, "calls")
        if not os.path.exists(path):
            return []
        with open(path) as file:
            return file.read().split("\n")[:-1]

    def unit(self, application: Application) -> str:
        return "demo-app-migrate@environments-{}.service".format(application.id)

    def test_the_first_environment_needs_no_migration(self) -> None:
        verify_environment(self.application)
        switch_environment(self.application)
        self.assertEqual(self.calls(), [])

    def test_an_upgrade_migrates_before_it_switches(self) -> None:
        make_environment(self.newer)
        self.assertEqual(os.readlink(self.newer.home), self.application.environment)
        self.assertEqual(self.environment_names(), sorted([self.application.id, self.newer.id]))
        switch_environment(self.newer)
        verify_environment(self.newer)
        # The link still led to the old environment when the migration ran.
        self.assertEqual(self.calls(), ["restart " + self.unit(self.newer), self.application.environment, "stop " + self.unit(self.newer)])
        prune_environments(self.newer)
        self.assertEqual(self.environment_names(), [self.newer.id])

    def test_a_migration_that_fails_leaves_the_old_environment_in_use(self) -> None:
        self.answer("active", "active", code=1)
        make_environment(self.newer)
        for run in (switch_environment, repair_environment):
            with self.assertRaises(RuntimeProblem) as caught:
                run(self.newer)
            self.assertEqual(caught.exception.code, "MIGRATION_FAILED")
            self.assertIn("journalctl --unit " + self.unit(self.newer), str(caught.exception))
            self.assertIn("failed (exit-code)", str(caught.exception))
        prune_environments(self.newer)
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")
        with self.assertRaises(RuntimeProblem) as caught:
            verify_environment(self.newer)
        self.assertIn("points to " + self.application.environment, str(caught.exception))
        # After the cause is corrected.
        self.answer("active", "active")
        make_environment(self.newer)
        switch_environment(self.newer)
        verify_environment(self.newer)

    def test_without_active_units_the_next_start_migrates(self) -> None:
        for states in (["inactive", "failed"], ["inactive", "inactive"]):
            make_environment(self.newer)
            self.answer(*states)
            switch_environment(self.newer)
            verify_environment(self.newer)
            self.newer, self.application = self.make_application(self.first), self.newer
        self.assertEqual(self.calls(), ["stop demo-app-migrate@venv.service"] * 2)

    def test_a_service_that_is_started_again_and_again_is_active(self) -> None:
        self.answer("inactive", "activating")
        make_environment(self.newer)
        switch_environment(self.newer)
        self.assertIn("restart " + self.unit(self.newer), self.calls())

    def test_without_systemd_it_only_switches(self) -> None:
        with mock.patch.object(migration, "BOOTED", self.systemd + "/none"):
            make_environment(self.newer)
            switch_environment(self.newer)
        verify_environment(self.newer)
        self.assertEqual(self.calls(), [])

    def test_what_was_not_made_is_not_switched_to(self) -> None:
        with self.assertRaises(RuntimeProblem) as caught:
            switch_environment(self.newer)
        self.assertEqual(caught.exception.code, "ENVIRONMENT_DAMAGED")
        self.assertEqual(os.readlink(self.newer.home), self.application.environment)

    def test_names_that_are_no_units_are_refused(self) -> None:
        for value in ("x", ["--root=/x"], ["demo.app"], [1]):
            data = json.dumps(dict(self.fields(self.first), migrateWhileActive=value)).encode("ascii")
            with open(self.manifest, "wb") as file:
                file.write(data)
            with self.assertRaises(RuntimeProblem) as caught:
                from pinpack_runtime.application import read_application

                read_application(self.manifest)
            self.assertIn("not a list of units", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
