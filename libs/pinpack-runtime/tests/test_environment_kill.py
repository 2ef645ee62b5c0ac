"""The program itself, killed at any time, out of space, and without the right to write."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
import unittest

from typing import Any

from application_fixture import ApplicationTestCase
from wheel_fixture import LAUNCHER

from pinpack_runtime.application_state import find_environment_issues
from pinpack_runtime.environment import make_environment, verify_environment

# The end-to-end tests ask for more of them.
KILLS = int(os.environ.get("PINPACK_TEST_KILLS", "5"))


class KillTest(ApplicationTestCase):
    def start(self, **options: Any) -> "subprocess.Popen[str]":
        command = [sys.executable, "-IBS", LAUNCHER, "application", "make", "--manifest", self.manifest]
        return subprocess.Popen(command, stderr=subprocess.PIPE, universal_newlines=True, **options)

    def test_kills_at_any_time_leave_a_whole_environment(self) -> None:
        old, new = self.application, self.make_application(self.first, self.second)
        make_environment(old)
        started = time.monotonic()
        self.assertEqual(self.start().communicate()[1], "")
        duration = time.monotonic() - started
        randomness = random.Random(0)
        for _ in range(KILLS):
            make_environment(old)
            run = self.start()
            time.sleep(randomness.random() * duration)
            run.kill()
            run.communicate()
            self.assertEqual(find_environment_issues(new if os.readlink(old.home) == new.environment else old), [])
            self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")
        make_environment(new)
        verify_environment(new)
        self.assertEqual(self.environment_names(), [new.id])
        self.assertEqual(sorted(os.listdir(self.folder)), ["application.json", "environments", "venv"])

    def test_termination_leaves_nothing_unfinished(self) -> None:
        old, new = self.application, self.make_application(self.first, self.second)
        for wait in (0.05, 0.2, 0.4):
            make_environment(old)
            run = self.start()
            time.sleep(wait)
            run.terminate()
            run.communicate()
            # Before it can handle the signal it dies of it; after the switch it may have ended well.
            self.assertIn(run.returncode, (0, -signal.SIGTERM, 128 + signal.SIGTERM))
            # Between its rename and the end of the run, the new environment is complete and the old one is not yet removed, or not completely.
            names = {name for name in self.environment_names() if not name.endswith(".leaving")}
            self.assertLessEqual(names, {old.id, new.id})
            self.assertEqual(find_environment_issues(new if os.readlink(old.home) == new.environment else old), [])

    def test_a_file_size_limit_leaves_the_old_environment(self) -> None:
        make_environment(self.application)
        self.make_application(self.first, self.second)
        run = self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)))
        message = run.communicate()[1]
        self.assertEqual(run.returncode, 1, message)
        self.assertIn("next step: ", message)
        self.assertEqual(self.environment_names(), [self.application.id])
        self.assertEqual(find_environment_issues(self.application), [])
        again = self.start()
        self.assertEqual((again.communicate()[1], again.returncode), ("", 0))

    def test_full_and_read_only_file_systems_leave_the_old_environment(self) -> None:
        # Files of another file system are copied.
        place = os.path.dirname(self.application.environments)
        os.makedirs(place)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k,mode=755", "tmpfs", place], stderr=subprocess.PIPE)
        if mounted.returncode != 0:
            self.skipTest("a tmpfs cannot be mounted here: " + mounted.stderr.decode("utf-8", "replace"))
        self.addCleanup(subprocess.check_call, ["umount", place])
        old = self.make_application(self.first)
        make_environment(old)
        new = self.make_application(self.first, self.install("large", "1.0", {"large/data": bytes(300000)}))
        self.assert_run_fails(old, "ENOSPC")
        subprocess.check_call(["mount", "-o", "remount,ro", place])
        self.assert_run_fails(old, "EROFS")
        subprocess.check_call(["mount", "-o", "remount,rw,size=40m", place])
        make_environment(new)
        verify_environment(new)

    def assert_run_fails(self, current: Any, reported: str) -> None:
        run = self.start()
        message = run.communicate()[1]
        self.assertEqual(run.returncode, 1)
        self.assertIn(reported, message)
        self.assertEqual(find_environment_issues(current), [])
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")
        self.assertEqual(self.environment_names(), [current.id])


class StoredKillTest(KillTest):
    layout = "stored"
    bytecode = True


if __name__ == "__main__":
    unittest.main()
