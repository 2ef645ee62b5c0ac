"""Stored wheels: the trees that applications share, who makes them, who removes them, and failures and kills at every step."""

import os
import stat
import sys
import unittest

from typing import Any, Dict, List
from unittest import mock

from application_fixture import FakeFillTestCase
from test_environment import MOST_STEPS, disk_full, killed, struck

from pinpack_runtime import application_state
from pinpack_runtime.application import Application
from pinpack_runtime.compile_bytecode import LIST
from pinpack_runtime.environment import make_environment, remove_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem


# Where the steps begin depends on the Python, so the supported ones strike every step together.
STRIDE = 8


class SharedTreesTest(FakeFillTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.layout = "stored"
        self.state = os.path.join(self.root, "var/lib/pinpack")
        self.trees = os.path.join(self.state, "reqset1/trees")
        # The wheel RPMs'.
        os.makedirs(os.path.join(self.state, "reqset1/wheelhouse"))
        self.tools = [self.store_wheel("tool", "1.0")["stored"]]
        self.first = self.store_wheel("first", "1.0")
        self.second = self.store_wheel("second", "2.0")
        self.application = self.make_application(self.first)

    def another_application(self, *wheels: Dict[str, str]) -> Application:
        self.folder = os.path.join(self.root, "opt", "other-app")
        os.makedirs(self.folder, exist_ok=True)
        return self.make_application(*wheels)

    def tree_names(self) -> List[str]:
        return sorted(os.listdir(self.trees)) if os.path.isdir(self.trees) else []

    def names_of(self, *wheels: Dict[str, str]) -> List[str]:
        return ["{}-{}".format(wheel["name"], wheel["sha256"][:16]) for wheel in wheels]

    def inode(self, application: Application, name: str = "first/tool.so") -> int:
        site = os.path.join(application.environment, "lib", "python" + self.python, "site-packages")
        return os.stat(os.path.join(site, name)).st_ino

    def test_two_applications_share_one_copy_which_goes_with_the_last(self) -> None:
        one, other = self.application, self.another_application(self.first, self.second)
        make_environment(one)
        make_environment(other)
        self.assertEqual(self.inode(one), self.inode(other))
        self.assertEqual(self.tree_names(), self.names_of(self.first, self.second))
        for application in (one, other):
            verify_environment(application)
        remove_environment(other.manifest)
        self.assertEqual(self.tree_names(), self.names_of(self.first))
        verify_environment(one)
        remove_environment(one.manifest)
        self.assertEqual(sorted(os.listdir(os.path.join(self.state, "reqset1"))), ["wheelhouse"])

    def test_files_have_the_modes_of_a_tree_whatever_the_umask(self) -> None:
        umask = os.umask(0o077)
        try:
            make_environment(self.application)
        finally:
            os.umask(umask)
        (wheel,) = self.application.wheels
        for folder, folders, files in os.walk(wheel.tree):
            for name in folders + files:
                path = os.path.join(folder, name)
                is_executable = os.path.isdir(path) or name == "first-script"
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o755 if is_executable else 0o644, path)
        self.assertEqual(stat.S_IMODE(os.stat(self.trees).st_mode), 0o755)

    def test_an_upgrade_takes_the_old_tree_along(self) -> None:
        other = self.another_application(self.first, self.second)
        make_environment(other)
        newer = self.store_wheel("first", "1.1")
        upgraded = self.another_application(newer, self.second)
        make_environment(upgraded)
        self.assertEqual(self.tree_names(), self.names_of(newer, self.second))
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.1")

    def test_the_old_tree_stays_for_an_application_that_still_links_to_it(self) -> None:
        make_environment(self.application)
        newer = self.store_wheel("first", "1.1")
        make_environment(self.another_application(newer))
        self.assertEqual(self.tree_names(), sorted(self.names_of(self.first, newer)))

    def test_from_one_layout_to_the_other_and_back(self) -> None:
        tree = self.make_wheel("first", "1.0")
        self.store_wheel("first", "1.0")
        stored = self.application
        make_environment(stored)
        self.layout, self.tools = "tree", [os.path.join(self.root, "tools")]
        unpacked = self.make_application(tree)
        self.assertNotEqual(unpacked.id, stored.id)
        make_environment(unpacked)
        verify_environment(unpacked)
        self.assertEqual(self.tree_names(), [])
        self.layout, self.tools = "stored", [self.first["stored"]]
        make_environment(self.make_application(self.first))
        self.assertEqual(self.tree_names(), self.names_of(self.first))

    def test_what_was_damaged_in_the_shared_copy_is_told_and_repaired(self) -> None:
        one, other = self.application, self.another_application(self.first)
        make_environment(one)
        make_environment(other)
        path = os.path.join(one.wheels[0].tree, "first", "tool.so")
        with open(path, "r+b") as file:
            file.write(b"#")
        for application in (one, other):
            with self.assertRaises(RuntimeProblem) as caught:
                verify_environment(application)
            self.assertIn("first/tool.so was changed", str(caught.exception))
            repair_environment(application)
            verify_environment(application)
        self.assertEqual(self.inode(one), self.inode(other))
        self.assertEqual(self.tree_names(), self.names_of(self.first))

    def test_where_links_are_refused_no_second_copy_stays(self) -> None:
        # What the filling copies has no other name.
        with mock.patch("os.link", lambda source, target: self.copy(source, target)):
            make_environment(self.application)
        verify_environment(self.application)
        self.assertFalse(os.path.exists(self.trees))

    def copy(self, source: bytes, target: bytes) -> None:
        with open(source, "rb") as old, open(target, "wb") as new:
            new.write(old.read())

    def test_a_damaged_or_missing_stored_wheel_is_told_and_the_old_environment_serves(self) -> None:
        make_environment(self.application)
        newer = self.make_application(self.first, self.second)
        with open(self.second["stored"], "r+b") as file:
            file.seek(100)
            file.write(b"#")
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(newer)
        self.assertIn(self.second["stored"] + ": it has sha256 ", str(caught.exception))
        self.assertIn("dnf reinstall $(rpm -qf " + self.second["stored"], caught.exception.next_step)
        os.unlink(self.second["stored"])
        os.unlink(self.tools[0])
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(newer)
        self.assertIn(self.tools[0] + " is missing", str(caught.exception))
        self.assertEqual(self.environment_names(), [self.application.id])
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")
        self.assertEqual(self.tree_names(), self.names_of(self.first))

    def test_a_damaged_tool_is_told(self) -> None:
        with open(self.tools[0], "wb") as file:
            file.write(b"no wheel")
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.application)
        self.assertEqual((caught.exception.code, caught.exception.subject), ("STORED_DAMAGED", self.tools[0]))
        self.assertFalse(os.path.exists(self.trees))

    def test_bytecode_is_compiled_once_listed_and_compared(self) -> None:
        with mock.patch.object(self, "bytecode", True):
            one, other = self.make_application(self.first), self.another_application(self.first)
        if sys.version_info < (3, 7):
            self.skipTest("hash-based bytecode came with Python 3.7")
        make_environment(one)
        tree, dist_info = one.wheels[0].tree, one.wheels[0].dist_info
        pyc = os.path.join(tree, "first/__pycache__/__init__.{}.pyc".format(sys.implementation.cache_tag))
        with open(os.path.join(tree, dist_info, LIST)) as file:
            self.assertEqual([line.split(",")[0] for line in file], [os.path.relpath(pyc, tree)])
        inode = os.stat(pyc).st_ino
        make_environment(other)
        self.assertEqual(os.stat(pyc).st_ino, inode)
        with open(pyc, "r+b") as file:
            file.seek(20)
            file.write(b"#")
        repair_environment(other)
        self.assertNotEqual(os.stat(pyc).st_ino, inode)

    def test_removing_needs_no_readable_manifest(self) -> None:
        make_environment(self.application)
        with open(self.manifest, "w") as file:
            file.write("damaged")
        remove_environment(self.manifest)
        self.assertFalse(os.path.exists(self.trees))

    def test_a_failure_at_every_step_of_an_upgrade_leaves_a_whole_environment(self) -> None:
        self.strike_every_step(disk_full)

    def test_a_kill_at_every_step_of_an_upgrade_leaves_a_whole_environment(self) -> None:
        self.strike_every_step(killed)

    def strike_every_step(self, strike: Any) -> None:
        """Between first alone, and first with second: up and down by turns, as test_environment does it."""
        patch = mock.patch.object(application_state, "find_python_issues", lambda environment, python: [])
        patch.start()
        self.addCleanup(patch.stop)
        versions = [self.application, self.make_application(self.first, self.second)]
        make_environment(versions[0])
        for at in range(1 + sys.version_info[1] % STRIDE, MOST_STEPS, STRIDE):
            old, new = versions
            if self.run_struck(new, at, strike):
                break
            serving = old if os.readlink(old.home) == old.target else new
            self.assertEqual(application_state.find_environment_issues(serving, serving.home), [], at)
            make_environment(new)
            verify_environment(new)
            self.assertEqual(self.tree_names(), sorted(os.path.basename(wheel.tree) for wheel in new.wheels), at)
            versions = [new, old]
        self.assertGreater(at, 30)
        self.assertLess(at, MOST_STEPS - STRIDE)
        remove_environment(self.manifest)
        self.assertEqual(self.tree_names(), [])

    def run_struck(self, new: Application, at: int, strike: Any) -> bool:
        """True where the run ended before it came to step `at`."""
        child = os.fork()
        if child == 0:
            with struck(at, strike) as count:
                try:
                    make_environment(new)
                except (OSError, RuntimeProblem):
                    os._exit(1)
            os._exit(0 if count[0] < at else 1)
        return os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    unittest.main()
