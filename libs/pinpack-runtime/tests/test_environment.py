"""Making, switching, repairing and removing environments, with failures and kills at every step."""

import contextlib
import fcntl
import os
import signal
import sys
import unittest

from typing import Any, Callable, Dict, Iterator
from unittest import mock

from application_fixture import ApplicationTestCase

from pinpack_runtime import application_state, environment, environments
from pinpack_runtime.application import Application
from pinpack_runtime.application_state import find_environment_issues
from pinpack_runtime.environment import make_environment, remove_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.folder import Folder

STEPS = ("os.mkdir", "os.fchmod", "os.rename", "os.link", "os.symlink", "os.unlink", "os.rmdir", "os.open", "os.write", "fcntl.flock")
MOST_STEPS = 2000
# Where the steps begin depends on the Python, so the supported ones strike every step together.
STRIDE = 29


@contextlib.contextmanager
def struck(at: int, strike: Callable[[], None]) -> Iterator[Any]:
    """Every call of STEPS is counted, and `strike` happens instead of the one with number `at`."""
    count = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            count[0] += 1
            if count[0] == at:
                strike()
            return real(*arguments, **options)

        return call

    with contextlib.ExitStack() as stack:
        reals = {name: getattr(fcntl if name.startswith("fcntl") else os, name.split(".")[1]) for name in STEPS}
        for name, real in reals.items():
            stack.enter_context(mock.patch(name, counted(real)))
        exchange = mock.patch.object(environments, "_exchange", counted(environments._exchange))
        stack.enter_context(exchange)
        yield count


def disk_full() -> None:
    raise OSError(28, "No space left on device")


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class EnvironmentTest(ApplicationTestCase):
    def assert_complete(self, application: Application) -> None:
        verify_environment(application)
        self.assertEqual(self.environment_names(), [application.id])
        self.assertEqual(self.inventory_names(), [application.inventory])
        self.assertEqual(sorted(os.listdir(self.folder)), ["application.json", "environments", "venv"])

    def test_make_upgrade_downgrade_remove(self) -> None:
        make_environment(self.application)
        self.assert_complete(self.application)
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")
        newer = self.make_application(self.first, self.second)
        self.assertNotEqual(newer.id, self.application.id)
        make_environment(newer)
        self.assert_complete(newer)
        self.assertEqual(self.run_home("import first, second; print(second.__version__)"), "2.0")
        older = self.make_application(self.first)
        make_environment(older)
        self.assertEqual(older.id, self.application.id)
        self.assert_complete(older)
        remove_environment(self.manifest)
        self.assertEqual(os.listdir(self.folder), ["application.json"])
        self.assertEqual((self.environment_names(), self.inventory_names()), ([], []))
        remove_environment(self.manifest)

    def test_an_intact_environment_is_only_switched_to(self) -> None:
        make_environment(self.application)
        inode = os.stat(self.application.environment).st_ino
        os.unlink(self.application.home)
        with self.assertRaises(RuntimeProblem):
            verify_environment(self.application)
        make_environment(self.application)
        self.assertEqual(os.stat(self.application.environment).st_ino, inode)
        repair_environment(self.application)
        self.assertNotEqual(os.stat(self.application.environment).st_ino, inode)
        self.assert_complete(self.application)

    def test_a_damaged_environment_is_made_again(self) -> None:
        make_environment(self.application)
        for damage in ("bin/python", "lib/python{}/site-packages/first/__init__.py".format(self.python), "pyvenv.cfg"):
            os.unlink(os.path.join(self.application.environment, damage))
            with self.assertRaises(RuntimeProblem) as caught:
                verify_environment(self.application)
            self.assertIn("pinpack-runtime application repair --manifest " + self.manifest, str(caught.exception))
            make_environment(self.application)
            self.assert_complete(self.application)

    def test_a_failure_at_every_step_of_an_upgrade_leaves_a_whole_environment(self) -> None:
        self.strike_every_step(make_environment, disk_full, self.second)

    def test_a_kill_at_every_step_of_an_upgrade_leaves_a_whole_environment(self) -> None:
        self.strike_every_step(make_environment, killed, self.second)

    def test_a_failure_at_every_step_of_a_repair_leaves_a_whole_environment(self) -> None:
        self.strike_every_step(repair_environment, disk_full)

    def test_a_kill_at_every_step_of_a_repair_leaves_a_whole_environment(self) -> None:
        self.strike_every_step(repair_environment, killed)

    def strike_every_step(self, run: Callable[[Application], None], strike: Callable[[], None], *more: Any) -> None:
        old, new = self.application, self.make_application(self.first, *more)
        # Some hundred starts of an interpreter show nothing more than one; test_make_upgrade_downgrade_remove has it.
        for module in (application_state, environment):
            patch = mock.patch.object(module, "find_interpreter", lambda application: "/usr/bin/python" + application.python)
            patch.start()
            self.addCleanup(patch.stop)
        make_environment(old)
        for at in range(1 + sys.version_info[1] % STRIDE, MOST_STEPS, STRIDE):
            if self.run_struck(run, new, at, strike):
                break
            serving = os.readlink(old.home)
            self.assertIn(serving, (old.environment, new.environment), at)
            self.assertEqual(find_environment_issues(new if serving == new.environment else old), [], at)
            make_environment(new)
            self.assert_complete(new)
            # Up and down by turns: half of the work, and the steps are the same.
            old, new = new, old
        self.assertGreater(at, 100)
        self.assertLess(at, MOST_STEPS - STRIDE)
        self.assert_complete(new)

    def run_struck(self, run: Callable[[Application], None], new: Application, at: int, strike: Callable[[], None]) -> bool:
        """True where the run ended before it came to step `at`."""
        if strike is disk_full:
            with struck(at, strike) as count:
                try:
                    run(new)
                except (OSError, RuntimeProblem):
                    pass
            return bool(count[0] < at)
        child = os.fork()
        if child == 0:
            with struck(at, strike):
                run(new)
            os._exit(0)
        return os.waitpid(child, 0)[1] == 0

    def test_without_the_exchange_a_repair_still_works_and_a_failing_one_leaves_the_old(self) -> None:
        make_environment(self.application)
        with mock.patch.object(environments, "_exchange", return_value=False):
            repair_environment(self.application)
            self.assert_complete(self.application)
            real, refused, final = Folder.rename, [], self.application.id

            def refuse_once(folder: Folder, name: str, target: Folder, other: str) -> None:
                if other == final and not refused:
                    refused.append(other)
                    disk_full()
                real(folder, name, target, other)

            with mock.patch.object(Folder, "rename", refuse_once), self.assertRaises(OSError):
                repair_environment(self.application)
            self.assert_complete(self.application)
            child = os.fork()
            if child == 0:
                with mock.patch.object(Folder, "rename", lambda *names: killed() if names[3] == final else real(*names)):
                    repair_environment(self.application)
                os._exit(0)
            self.assertEqual(os.waitpid(child, 0)[1], signal.SIGKILL)
            make_environment(self.application)
            self.assert_complete(self.application)

    def test_a_first_making_that_fails_leaves_no_link(self) -> None:
        os.unlink(os.path.join(self.first["tree"], "first", "__init__.py"))
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.application)
        self.assertEqual(caught.exception.code, "SOURCES_DAMAGED")
        self.assertIn("dnf reinstall reqset1-wheel-first;", caught.exception.next_step)
        self.assertFalse(os.path.lexists(self.application.home))
        self.assertEqual(self.environment_names(), [])

    def test_every_damaged_source_is_reported_and_the_old_environment_stays(self) -> None:
        make_environment(self.application)
        newer = self.make_application(self.install("first", "1.1"), self.second)
        for wheel, path in ((newer.wheels[0], "first/__init__.py"), (newer.wheels[1], "second/tool.so")):
            with open(os.path.join(wheel.tree, path), "r+b") as file:
                file.write(b"#")
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(newer)
        for part in ("first/__init__.py has sha256=", "second/tool.so has sha256=", "dnf reinstall reqset1-wheel-first reqset1-wheel-second;"):
            self.assertIn(part, str(caught.exception))
        self.install("first", "1.1")
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(newer)
        self.assertIn("dnf reinstall reqset1-wheel-second;", caught.exception.next_step)
        self.assertEqual(find_environment_issues(self.application), [])
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")
        self.assertEqual(self.environment_names(), [self.application.id])

    def test_a_folder_with_files_in_the_place_of_a_link_is_not_touched(self) -> None:
        for link in (self.application.home, self.application.environments_link):
            os.mkdir(link)
            open(link + "/file", "w").close()
            with self.assertRaises(RuntimeProblem) as caught:
                make_environment(self.application)
            self.assertEqual((caught.exception.code, caught.exception.subject), ("NOT_OURS", link))
            remove_environment(self.manifest)
            self.assertEqual(os.listdir(link), ["file"])
            os.unlink(link + "/file")
            make_environment(self.application)
            self.assert_complete(self.application)
            remove_environment(self.manifest)
        with self.assertRaises(RuntimeProblem):
            remove_environment(os.path.join(self.root, "other.json"))

    def test_links_that_are_missing_or_replaced_are_restored_and_not_followed(self) -> None:
        make_environment(self.application)
        victim = os.path.join(self.root, "victim")
        os.makedirs(victim + "/" + self.application.id)
        replacements = {
            "missing": lambda path: None,
            "another link": lambda path: os.symlink(victim, path),
            "a link to itself": lambda path: os.symlink(path, path),
            "a file": lambda path: open(path, "w").close(),
            "a FIFO": os.mkfifo,
            "an empty folder": os.mkdir,
        }  # type: Dict[str, Callable[[str], object]]
        for run in (make_environment, repair_environment):
            for kind, replace in replacements.items():
                for link in (self.application.home, self.application.environments_link):
                    os.unlink(link)
                    replace(link)
                with self.subTest(kind), self.assertRaises(RuntimeProblem) as caught:
                    verify_environment(self.application)
                self.assertEqual(len(caught.exception.found), 2)
                run(self.application)
                self.assert_complete(self.application)
        os.unlink(self.application.environments_link)
        os.symlink(victim, self.application.environments_link)
        remove_environment(self.manifest)
        self.assertEqual(os.listdir(victim), [self.application.id])
        self.assertEqual(os.listdir(self.folder), ["application.json"])

    def test_removing_needs_no_readable_manifest(self) -> None:
        make_environment(self.application)
        with open(self.manifest, "w") as file:
            file.write("damaged")
        remove_environment(self.manifest)
        self.assertEqual(os.listdir(self.folder), ["application.json"])
        os.unlink(self.manifest)
        remove_environment(self.manifest)

    def test_everybody_may_read_it_whatever_the_umask(self) -> None:
        umask = os.umask(0o077)
        try:
            make_environment(self.application)
            self.assertEqual(os.umask(0o077), 0o077)
        finally:
            os.umask(umask)
        for folder, folders, files in os.walk(self.application.environments):
            for name in folders + files:
                self.assertTrue(os.stat(os.path.join(folder, name)).st_mode & 0o004, name)
        self.assertEqual(os.stat(self.application.environments).st_mode & 0o777, 0o755)

    def test_a_run_waits_for_what_another_one_left_running(self) -> None:
        ready, go = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            with environment._locked(self.application.environments) as folder:
                os.mkdir(os.path.join(self.application.environments, ".work"))
                os.write(ready[1], b"1")
                os.read(go[0], 1)
                folder.remove(".work")
            os._exit(0)
        os.read(ready[0], 1)
        waited = []

        def sleep(seconds: float) -> None:
            if not waited:
                waited.append(os.listdir(self.application.environments))
                os.write(go[1], b"1")

        with mock.patch("time.sleep", sleep):
            make_environment(self.application)
        self.assertEqual(waited, [[".work"]])
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assert_complete(self.application)
        for descriptor in ready + go:
            os.close(descriptor)

    def test_a_lock_that_is_never_released_is_reported(self) -> None:
        make_environment(self.application)
        holder = os.open(self.application.environments, os.O_RDONLY)
        self.addCleanup(os.close, holder)
        fcntl.flock(holder, fcntl.LOCK_EX)
        with mock.patch.object(environments, "LOCK_SECONDS", 0), self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.application)
        self.assertEqual(caught.exception.code, "LOCKED")
        self.assertIn("fuser -v " + self.application.environments, caught.exception.next_step)

    def test_a_folder_removed_before_it_was_locked_is_made_again(self) -> None:
        real, taken = fcntl.flock, []

        def take(descriptor: int, operation: int) -> None:
            if not taken:
                taken.append(descriptor)
                os.rmdir(self.application.environments)
            real(descriptor, operation)

        with mock.patch("fcntl.flock", take):
            make_environment(self.application)
        self.assertEqual(len(taken), 1)
        self.assert_complete(self.application)


class StoredEnvironmentTest(EnvironmentTest):
    layout = "stored"

    def strike_every_step(self, run: Callable[[Application], None], strike: Callable[[], None], *more: Any) -> None:
        # The steps of a repair are those of an upgrade.
        if more:
            super().strike_every_step(run, strike, *more)

    def test_a_first_making_that_fails_leaves_no_link(self) -> None:
        self.install("first", "1.1")
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.application)
        self.assertEqual(caught.exception.code, "SOURCES_DAMAGED")
        self.assertIn("first.whl.stored: it has sha256 ", str(caught.exception))
        self.assertFalse(os.path.lexists(self.application.home))
        self.assertEqual(self.environment_names(), [])

    def test_every_damaged_source_is_reported_and_the_old_environment_stays(self) -> None:
        make_environment(self.application)
        newer = self.make_application(self.first, self.second)
        with open(self.first["stored"], "ab") as file:
            file.write(b"#")
        os.unlink(self.second["stored"])
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(newer)
        for part in ("first.whl.stored: it has sha256 ", "second.whl.stored: it is missing", "dnf reinstall reqset1-wheel-first reqset1-wheel-second;"):
            self.assertIn(part, str(caught.exception))
        self.assertEqual(find_environment_issues(self.application), [])
        self.assertEqual(self.environment_names(), [self.application.id])


if __name__ == "__main__":
    unittest.main()
