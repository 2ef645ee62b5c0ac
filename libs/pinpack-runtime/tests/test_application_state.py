"""What `application verify` reports: every addition, change and loss, and every file that others than root can change."""

import contextlib
import importlib.util
import marshal
import os
import shutil
import stat
import struct
import subprocess
import sys
import unittest

from typing import Callable, Dict
from unittest import mock

from application_fixture import ApplicationTestCase, snapshot
from wheel_fixture import LAUNCHER

from pinpack_runtime import application_state
from pinpack_runtime.application_state import find_environment_issues
from pinpack_runtime.environment import make_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem

APP_USER = 12345


class StateTest(ApplicationTestCase):
    def setUp(self) -> None:
        super().setUp()
        make_environment(self.application)
        self.mark = os.path.join(self.root, "ran")

    def issues(self) -> "list":
        with self.assertRaises(RuntimeProblem) as caught:
            verify_environment(self.application)
        self.assertIn("pinpack-runtime application repair --manifest " + self.manifest, caught.exception.next_step)
        return caught.exception.found

    def write(self, path: str, data: bytes) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # Files of the environment are hard links to those of wheel RPMs.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with open(path, "wb") as file:
            file.write(data)

    def assert_repaired(self) -> None:
        repair_environment(self.application)
        verify_environment(self.application)
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")
        self.assertFalse(os.path.exists(self.mark))

    def test_additions_are_reported_and_removed_and_none_of_them_is_run(self) -> None:
        code = "open({!r}, 'a').write(__name__)\n".format(self.mark).encode("ascii")
        site = "lib/python{}/site-packages/".format(self.python)
        names = {
            site + "zz.pth": b"import os; " + code,
            site + "sitecustomize.py": code,
            site + "usercustomize.py": code,
            site + "json.py": code,
            site + "shadow/__init__.py": code,
            site + "first/added.py": code,
            site + "first/__pycache__/later.pyc": code,
            "lib/python{}/os.py".format(self.python): code,
            "bin/re.py": code,
            "bin/pyvenv.cfg": b"home = /tmp\n",
            "bin/pybuilddir.txt": b"/tmp\n",
            "include/x.h": b"",
            "x": b"",
        }
        for name, data in names.items():
            self.write(os.path.join(self.application.environment, name), data)
        found = self.issues()
        for name in names:
            top = {site + "shadow/__init__.py": site + "shadow", site + "first/__pycache__/later.pyc": site + "first/__pycache__"}
            self.assertIn(top.get(name, name) + " was added", [line.split(":")[0] for line in found], name)
        self.assertEqual(len(found), len(names))
        self.assertIn(site + "zz.pth was added: Python reads it at every start", found)
        self.assertFalse(os.path.exists(self.mark))
        self.assert_repaired()

    def test_poisoned_bytecode_is_reported(self) -> None:
        cached = self.site_packages("first", "__pycache__", "later.cpython-{}.pyc".format(self.python.replace(".", "")))
        code = marshal.dumps(compile("open({!r}, 'w')".format(self.mark), "x", "exec"))
        self.write(cached, importlib.util.MAGIC_NUMBER + struct.pack("<IQ", 1, 0) + code)
        self.assertEqual(self.issues(), [os.path.relpath(os.path.dirname(cached), self.application.environment) + " was added"])
        self.assert_repaired()

    def test_changes_are_reported(self) -> None:
        site = "lib/python{}/site-packages/".format(self.python)
        environment = self.application.environment
        changes = {
            "pyvenv.cfg": b"home = /tmp\n",
            "bin/python": b"#!/bin/sh\nid\n",
            "bin/first": b"#!/bin/sh\nid\n",
            "bin/activate": b"id\n",
            site + "first/__init__.py": b"x",
            site + "first-1.0.dist-info/RECORD": b"x",
            site + "first-1.0.dist-info/entry_points.txt": b"x",
            "share/first.txt": b"x",
        }
        for name, data in changes.items():
            self.write(os.path.join(environment, name), data)
        for link, target in (("bin/python3", "/bin/sh"), ("lib64", "/tmp")):
            os.unlink(os.path.join(environment, link))
            os.symlink(target, os.path.join(environment, link))
        found = self.issues()
        self.assertEqual(sorted(line.split(" was changed")[0].split(" points to")[0] for line in found), sorted(list(changes) + ["bin/python3", "lib64"]))
        self.assert_repaired()

    def test_a_change_of_the_same_size_is_reported(self) -> None:
        path = self.site_packages("first", "tool.so")
        status = os.stat(path)
        with open(path, "r+b") as file:
            file.write(b"#")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        (line,) = self.issues()
        self.assertIn("first/tool.so was changed: it has sha256=", line)

    def test_losses_are_reported(self) -> None:
        for name in ("bin/first", "pyvenv.cfg", "lib64"):
            os.unlink(os.path.join(self.application.environment, name))
        os.unlink(self.site_packages("first", "tool.so"))
        self.assertEqual(len(self.issues()), 4)
        os.unlink(self.application.home)
        self.assertIn("the link {} is missing".format(self.application.home), self.issues())
        self.assert_repaired()

    def test_what_is_no_file_is_reported_without_waiting(self) -> None:
        for make in (os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/tty", path), self.make_device):
            for name in ("pyvenv.cfg", "bin/python", "share"):
                path = os.path.join(self.application.environment, name)
                if os.path.isdir(path):
                    os.rename(path, os.path.join(self.root, "away"))
                else:
                    os.unlink(path)
                make(path)
                if name == "share" and os.path.isdir(path) and not os.path.islink(path):
                    os.rmdir(path)
            self.assertGreaterEqual(len(self.issues()), 3)
            self.assert_repaired()
            subprocess.check_call(["rm", "-rf", os.path.join(self.root, "away")])

    def make_device(self, path: str) -> None:
        try:
            os.mknod(path, 0o644 | stat.S_IFCHR, os.makedev(5, 0))
        except PermissionError:
            os.mkfifo(path)

    def test_a_missing_damaged_or_foreign_inventory_is_reported(self) -> None:
        path = os.path.join(self.application.inventories, self.application.inventory)
        with open(path, "rb") as file:
            data = file.read()
        lines = data.splitlines(True)
        damages = [b"", b"x", b"\xff", data[1:], lines[0] + b"a,b\n", lines[0] + b"a,file,md5=x,1,644\n", lines[0] + b"a,file,sha256=,x,9\n"]
        for damage in damages:
            self.write(path, damage)
            with self.subTest(damage):
                self.assertIn("cannot be used", self.issues()[0])
        self.write(path, data)
        for place in (path, os.path.dirname(path)):
            mode = stat.S_IMODE(os.stat(place).st_mode)
            os.chmod(place, 0o777)
            self.assertIn("users other than root can change it", self.issues()[0])
            os.chmod(place, mode)
        os.unlink(path)
        self.assertEqual(self.issues(), [path + " is missing"])
        os.mkfifo(path)
        self.assertIn("it is not a regular file", str(self.run_verify()))
        self.assert_repaired()

    def run_verify(self) -> str:
        command = [sys.executable, "-IBS", LAUNCHER, "application", "verify", "--manifest", self.manifest]
        run = subprocess.run(command, stderr=subprocess.PIPE, universal_newlines=True, timeout=60)
        self.assertEqual(run.returncode, 1)
        return run.stderr

    def test_python_is_asked_for_its_version_without_the_environment(self) -> None:
        real, started = application_state.find_interpreter, []
        # The Python that runs this is not asked, as it knows its version, and others are asked once.
        with mock.patch("subprocess.Popen", side_effect=AssertionError) as popen, mock.patch("sys.executable", ""):
            with mock.patch("pinpack_runtime.interpreter._CHECKED", set()), self.assertRaises(AssertionError):
                verify_environment(self.application)
        started = popen.call_args[0][0]
        self.assertEqual(started[:4], ["/usr/bin/python" + self.python, "-I", "-B", "-S"])
        self.assertIsNotNone(real)

    def test_verifying_changes_nothing(self) -> None:
        before = snapshot(self.root)
        verify_environment(self.application)
        self.write(self.site_packages("added.py"), b"")
        before = snapshot(self.root)
        self.issues()
        self.assertEqual(snapshot(self.root), before)

    def test_names_in_reports_do_not_control_the_terminal(self) -> None:
        self.write(self.site_packages("a\x1b[2J\nb\u202e.py"), b"")
        with self.assertRaises(RuntimeProblem) as caught:
            verify_environment(self.application)
        self.assertIn("a\\x1b[2J\\nb\\u202e.py was added", str(caught.exception))


class AccessTest(ApplicationTestCase):
    """What others than root could change; only root can set it up."""

    def setUp(self) -> None:
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can give files to another user")
        make_environment(self.application)

    def change_all(self, change: "Callable[[str], object]") -> None:
        for top in (self.folder, self.application.environments):
            change(top)
            for folder, folders, files in os.walk(top):
                for name in folders + files:
                    if not os.path.islink(os.path.join(folder, name)):
                        change(os.path.join(folder, name))

    def test_any_user_can_verify(self) -> None:
        os.chmod(self.root, 0o755)
        command = [sys.executable, "-IBS", self.copy_runtime(), "application", "verify", "--manifest", self.manifest]
        drop = "import os, sys; os.setgroups([]); os.setgid({0}); os.setuid({0}); os.execv(sys.argv[1], sys.argv[1:])".format(APP_USER)
        if not os.access(LAUNCHER, os.X_OK) or sys.executable.startswith("/root/"):
            self.skipTest("another user cannot run this Python")
        run = subprocess.run(["/usr/bin/python3", "-IBSc", drop] + command, stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def copy_runtime(self) -> str:
        # Other users may have no access to the folder that this repository is in.
        source = os.path.dirname(os.path.dirname(LAUNCHER))
        copy = os.path.join(self.root, "runtime")
        for name in ("bin", "src/pinpack_runtime"):
            shutil.copytree(os.path.join(source, name), os.path.join(copy, name))
        return os.path.join(copy, "bin/pinpack-runtime")

    def test_owners_and_modes_are_reported_and_repaired(self) -> None:
        damages = {
            "is owned by uid 12345, expected root": lambda path: os.chown(path, APP_USER, APP_USER),
            "has the mode 0666, expected 0644": lambda path: os.path.isfile(path) and os.chmod(path, 0o666),
            "has the mode 0777, expected 0755": lambda path: os.path.isdir(path) and os.chmod(path, 0o777),
        }  # type: Dict[str, Callable[[str], object]]
        for message, change in damages.items():
            self.change_all(change)
            with self.subTest(message), self.assertRaises(RuntimeProblem) as caught:
                verify_environment(self.application)
            self.assertTrue(any(message in line for line in caught.exception.found), caught.exception.found[:5])
            self.assertTrue(any(" can be changed by users other than root" in line for line in caught.exception.found))
            repair_environment(self.application)
            verify_environment(self.application)
            self.assertEqual(find_environment_issues(self.application), [])


if __name__ == "__main__":
    unittest.main()
