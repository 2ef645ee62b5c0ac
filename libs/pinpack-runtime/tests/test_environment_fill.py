"""Environments made by the real tools: what is in them, and that failures inside the filling leave the old one serving."""

import csv
import os
import shutil
import subprocess
import tempfile
import unittest

from typing import Any, Dict, List, Tuple
from unittest import mock

from tools_fixture import TOOLS, ToolsTestCase, snapshot

from pinpack_runtime import fill_process, sources
from pinpack_runtime.application_state import find_issues
from pinpack_runtime.environment import make_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem

# Wraps a function of os in the process that fills, so that its call with the given number fails.
STRIKE = """
import errno, os
def strike(name, at, number):
    real, count = getattr(os, name), [0]
    def call(*arguments, **options):
        count[0] += 1
        if count[0] == at:
            raise OSError(number, os.strerror(number), *[path for path in arguments[:1] if isinstance(path, (str, bytes))])
        return real(*arguments, **options)
    setattr(os, name, call)
strike({!r}, {}, errno.{})
"""
COMPILE = """
import compileall, py_compile, sys
mode = py_compile.PycInvalidationMode[sys.argv[2]]
compileall.compile_dir(sys.argv[1], quiet=1, invalidation_mode=mode)
"""


class FillTest(ToolsTestCase):
    def site_packages(self) -> str:
        return os.path.join(self.application.environment, "lib", "python" + self.python, "site-packages")

    def read_record(self, dist_info: str) -> "Dict[str, List[str]]":
        with open(os.path.join(self.site_packages(), dist_info, "RECORD"), newline="", encoding="utf-8") as file:
            return {row[0]: row[1:] for row in csv.reader(file)}

    def compile_tree(self, tree: str, mode: str) -> None:
        subprocess.check_call(["/usr/bin/python" + self.python, "-IBS", "-c", COMPILE, tree, mode])

    def assert_serves(self, version: str = "1.0") -> None:
        self.assertEqual(self.run_home("import first; print(first.__version__)"), version)

    def test_link_and_pip_place_the_same_files(self) -> None:
        found = {}
        for fill in ("link", "pip"):
            self.use_fill(fill)
            self.application = self.make_application(self.first, self.second, self.wheel_of("packaging"))
            make_environment(self.application)
            verify_environment(self.application)
            files = snapshot(self.application.environment)
            own = ("INSTALLER", "RECORD", "REQUESTED")
            found[fill] = {path: files[path] for path in files if os.path.basename(path) not in own}
            # Each of the two writes scripts in its own way; that they are there, executable and run is told below.
            for name in ("bin/first", "bin/second"):
                found[fill][name] = found[fill][name][:6]
            self.assertEqual(subprocess.check_output(self.run_as("first")), b"first-1.0\n")
            self.assertEqual(subprocess.check_output(self.run_as("second")), b"second-2.0\n")
        self.assertEqual(found["link"], found["pip"])

    def test_stored_wheels_place_the_same_files_as_trees(self) -> None:
        found = {}
        for fill in ("link", "pip"):
            self.use_fill(fill)
            for layout in ("tree", "stored"):
                self.use_layout(layout)
                make_environment(self.application)
                verify_environment(self.application)
                self.assert_serves()
                files = snapshot(self.application.environment)
                found[layout] = {path: digest for path, digest in files.items() if not path.endswith(("/RECORD", "/REQUESTED"))}
            self.assertEqual(found["stored"], found["tree"])

    def test_bytecode_of_stored_wheels_is_compiled_here(self) -> None:
        self.use_layout("stored")
        name = "first/__pycache__/__init__.cpython-{}.pyc".format(self.python.replace(".", ""))
        for fill in ("link", "pip"):
            self.fill = fill
            with mock.patch.object(self, "bytecode", True):
                self.application = self.make_application(self.first)
            make_environment(self.application)
            verify_environment(self.application)
            self.assertIn(name, self.read_record("first-1.0.dist-info"))
            path = os.path.join(self.site_packages(), name)
            is_used = "import first, importlib.util as u; print(u.cache_from_source(first.__file__) == first.__cached__)"
            self.assertEqual(self.run_home(is_used), "True")
            with open(path, "rb") as file:
                # PEP 552: hash-based, and Python takes it unchecked.
                self.assertEqual(file.read(8)[4:], b"\1\0\0\0")
            os.unlink(path)
            self.assertIn(name + " is missing", find_issues(self.application)[0])

    def use_layout(self, layout: str) -> None:
        self.layout = layout
        self.first = (self.store_wheel if layout == "stored" else self.make_wheel)("first", "1.0")
        self.tools = [self.store_tool(tool) if layout == "stored" else self.unzip(tool) for tool in TOOLS]
        self.application = self.make_application(self.first)

    def test_nothing_knows_the_work_folder(self) -> None:
        for fill in ("link", "pip"):
            self.use_fill(fill)
            make_environment(self.application)
            prefix = os.fsencode("." + self.application.id)
            for folder, _, names in os.walk(self.application.environment):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as file:
                        self.assertNotIn(prefix, file.read(), name)
            for script in ("first", "first-script"):
                with open(os.path.join(self.application.home, "bin", script)) as text:
                    self.assertEqual(text.readline(), "#!{}/bin/python\n".format(self.application.home))
            printed = subprocess.check_output(self.run_as("first-script"), universal_newlines=True)
            self.assertEqual(printed.strip(), self.application.home)
            activate = ". {}/bin/activate && command -v python && echo $VIRTUAL_ENV".format(self.application.home)
            output = subprocess.check_output(["sh", "-c", activate], universal_newlines=True)
            self.assertEqual(output.split(), [self.application.home + "/bin/python", self.application.home])
            self.assertEqual(self.environment_names(), [self.application.id])

    def test_link_links_keeps_the_digests_and_leaves_the_tree_alone(self) -> None:
        before = snapshot(self.first["tree"])
        make_environment(self.application)
        self.assertEqual(snapshot(self.first["tree"]), before)
        folders = [os.fsencode(folder) for folder in (self.first["tree"], self.site_packages())]
        for name in ("first/__init__.py", "first/gr\u00fc\u00dfe, all.txt", "first-1.0.dist-info/METADATA"):
            paths = [os.path.join(folder, name.encode("utf-8")) for folder in folders]
            self.assertTrue(os.path.samefile(*paths), name)
        record = os.path.join(self.first["tree"], "first-1.0.dist-info", "RECORD")
        with open(record, newline="", encoding="utf-8") as file:
            rows = {row[0]: row[1:] for row in csv.reader(file)}
        installed = self.read_record("first-1.0.dist-info")
        for name, fields in rows.items():
            if ".data/" not in name:
                self.assertEqual(installed[name], fields)
        ask = "from importlib.metadata import distribution as d; print(d('first').read_text('INSTALLER'))"
        self.assertEqual(self.run_home(ask), "pinpack")
        self.assertIn("../../../bin/first", installed)

    def test_a_second_making_does_not_write_into_linked_files(self) -> None:
        before = snapshot(os.path.join(self.root, "trees"))
        # The same path in two wheels: the later one gets it.
        twin = self.make_wheel("first", "3.0")
        os.rename(twin["tree"], twin["tree"] + "-twin")
        twin.update(name="twin", tree=twin["tree"] + "-twin")
        application = self.make_application(self.first, twin)
        make_environment(application)
        self.assert_serves("3.0")
        verify_environment(application)
        after = snapshot(os.path.join(self.root, "trees"))
        self.assertEqual({path: after[path] for path in before}, before)

    def test_bytecode_of_the_tree_is_linked_where_it_belongs_to_its_source(self) -> None:
        name = "first/__pycache__/__init__.cpython-{}.pyc".format(self.python.replace(".", ""))
        for fill in ("link", "pip"):
            for mode, expected in (("UNCHECKED_HASH", True), ("CHECKED_HASH", True), ("TIMESTAMP", False)):
                with self.subTest((fill, mode)):
                    self.use_fill(fill)
                    self.remove_bytecode()
                    self.compile_tree(self.first["tree"], mode)
                    repair_environment(self.application)
                    path = os.path.join(self.site_packages(), name)
                    self.assertEqual(os.path.exists(path), expected)
                    self.assertEqual(name in self.read_record("first-1.0.dist-info"), expected)
                    if expected:
                        self.assertTrue(os.path.samefile(path, os.path.join(self.first["tree"], name)))
                        os.unlink(path)
                        self.assertIn(name + " is missing", find_issues(self.application)[0])

    def test_bytecode_of_another_version_is_not_believed(self) -> None:
        source = os.path.join(self.first["tree"], "first", "__init__.py")
        with open(source, "rb") as file:
            code = file.read()
        with open(source, "wb") as file:
            file.write(code.replace(b"1.0", b"0.9"))
        self.compile_tree(self.first["tree"], "UNCHECKED_HASH")
        with open(source, "wb") as file:
            file.write(code)
        for fill in ("link", "pip"):
            self.use_fill(fill)
            make_environment(self.application)
            self.assert_serves("1.0")

    def remove_bytecode(self) -> None:
        folder = os.path.join(self.first["tree"], "first", "__pycache__")
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            os.unlink(os.path.join(folder, name))

    def test_every_damage_is_told_and_repaired(self) -> None:
        damages = {
            "lib/python{}/site-packages/first/tool.so".format(self.python): "changed",
            "lib/python{}/site-packages/first/__init__.py".format(self.python): "is missing",
            "lib/python{}/site-packages/first-1.0.dist-info/RECORD".format(self.python): "its RECORD is missing",
            "bin/first": "is missing",
            "bin/python": "does not start",
            "pyvenv.cfg": "does not use the environment",
        }
        make_environment(self.application)
        for name, told in damages.items():
            with self.subTest(name):
                path = os.path.join(self.application.environment, name)
                size = os.path.getsize(path)
                os.unlink(path)
                if told == "changed":
                    with open(path, "wb") as file:
                        file.write(bytes(size))
                issues = find_issues(self.application)
                self.assertEqual(len(issues), 1, issues)
                self.assertIn(told, issues[0])
                repair_environment(self.application)
                verify_environment(self.application)
        with open(os.path.join(self.site_packages(), "first-1.0.dist-info", "RECORD"), "r+") as file:
            file.truncate(file.read().index("\n") + 1)
        told = "first/__init__.py is not recorded in the environment as the wheel has it"
        self.assertIn(told, str(find_issues(self.application)))

    def test_the_wheel_rpms_reinstallation_is_no_damage(self) -> None:
        make_environment(self.application)
        for folder, _, names in os.walk(self.first["tree"]):
            for name in names:
                path = os.path.join(os.fsencode(folder), os.fsencode(name))
                with open(path, "rb") as file:
                    data = file.read()
                os.unlink(path)
                with open(path, "wb") as file:
                    file.write(data)
        verify_environment(self.application)

    def test_without_hard_links_it_copies(self) -> None:
        for number in ("EXDEV", "EMLINK", "EPERM"):
            with self.struck("link", 3, number):
                repair_environment(self.application)
            verify_environment(self.application)
            counts = [os.stat(os.path.join(folder, name)).st_nlink for folder, name in self.installed_files()]
            self.assertEqual(sorted(counts), [1, 2, 2, 2, 2, 2])
        self.assert_serves()

    def installed_files(self) -> "List[Tuple[str, str]]":
        """The installed files that come from the tree as they are."""
        names = [name for name in self.read_record("first-1.0.dist-info") if not name.startswith("../")]
        written = ("RECORD", "INSTALLER")
        return [(self.site_packages(), name) for name in names if os.path.basename(name) not in written]

    def test_on_another_file_system_it_copies(self) -> None:
        other = "/dev/shm"
        if not os.access(other, os.W_OK) or os.stat(other).st_dev == os.stat(self.root).st_dev:
            self.skipTest(other + " is no other file system that can be written")
        folder = tempfile.mkdtemp(dir=other)
        self.addCleanup(shutil.rmtree, folder)
        self.folder = os.path.join(folder, "demo-app")
        os.mkdir(self.folder)
        application = self.make_application(self.first)
        make_environment(application)
        verify_environment(application)
        self.assert_serves()
        name = "lib/python{}/site-packages/first/tool.so".format(self.python)
        path = os.path.join(application.environment, name)
        self.assertEqual(os.stat(path).st_nlink, 1)
        with open(path, "r+b") as file:
            file.write(b"#")
        self.assertIn(name + " was changed", str(find_issues(application)))

    def struck(self, name: str, at: int, number: str) -> Any:
        return mock.patch.object(fill_process, "START", STRIKE.format(name, at, number) + fill_process.START)

    def test_a_failing_call_inside_the_filling_leaves_the_old_environment(self) -> None:
        calls = {"link": [("link", 1), ("link", 5)], "pip": [], "both": [("symlink", 2), ("mkdir", 8)]}
        for fill in ("link", "pip"):
            self.use_fill(fill)
            old, new = self.application, self.make_application(self.first, self.second)
            repair_environment(old)
            for name, at in calls[fill] + calls["both"]:
                with self.subTest((fill, name, at)), self.struck(name, at, "ENOSPC"):
                    with self.assertRaises(RuntimeProblem) as caught:
                        make_environment(new)
                    self.assertIn("No space left on device", str(caught.exception))
                    self.assertEqual(self.environment_names(), [old.id])
                    self.assertEqual(find_issues(old), [])
                    self.assertNotEqual(find_issues(new), [])
                    self.assert_serves()
            make_environment(new)
            verify_environment(new)

    def test_a_filling_that_is_killed_leaves_the_old_environment(self) -> None:
        make_environment(self.application)
        start = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
        with mock.patch.object(fill_process, "START", start), self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.make_application(self.first, self.second))
        self.assertIn("it was ended by signal 9", str(caught.exception))
        self.assertEqual(self.environment_names(), [self.application.id])
        self.assert_serves()

    def test_what_the_tools_overcome_is_no_failure(self) -> None:
        for at in (1, 3):
            with self.struck("mkdir", at, "ENOSPC"):
                repair_environment(self.application)
            verify_environment(self.application)

    def test_missing_sources_and_tools_are_told(self) -> None:
        make_environment(self.application)
        for fill in ("link", "pip"):
            self.fill = fill
            new = self.make_application(self.make_wheel("first", "1.1"))
            os.unlink(new.wheels[0].wheel)
            os.rename(new.wheels[0].tree, self.root + "/away")
            with self.assertRaises(RuntimeProblem) as caught:
                make_environment(new)
            self.assertIn("first-1.1.dist-info/RECORD", str(caught.exception))
            self.assertIn("dnf reinstall", str(caught.exception))
            self.assert_serves()
            os.rename(self.root + "/away", new.wheels[0].tree)
        for tool in ("virtualenv", "installer", "filelock"):
            self.fill = "link"
            kept, self.tools = self.tools, [path for path in self.tools if not path.endswith("/" + tool)]
            with self.assertRaises(RuntimeProblem) as caught:
                make_environment(self.make_application(self.second))
            self.assertIn(tool, str(caught.exception))
            self.assertNotIn("Traceback", str(caught.exception))
            self.tools = kept
        self.assert_serves()
        self.assertEqual(self.environment_names(), [self.application.id])

    def test_pip_needs_no_wheelhouse_and_leaves_none(self) -> None:
        self.use_fill("pip")
        shutil.rmtree(os.path.dirname(self.first["wheel"]))
        make_environment(self.application)
        verify_environment(self.application)
        self.assert_serves()
        self.assertFalse(os.path.exists(os.path.dirname(self.first["wheel"])))
        self.assertEqual(self.environment_names(), [self.application.id])

    def test_pip_takes_a_wheel_that_is_there_where_it_is_right(self) -> None:
        self.use_fill("pip")
        with mock.patch.object(sources, "rebuild_wheel", side_effect=AssertionError):
            make_environment(self.application)
        with open(self.second["wheel"], "r+b") as file:
            file.write(b"#")
        damaged = snapshot(os.path.dirname(self.second["wheel"]))
        new = self.make_application(self.first, self.second)
        make_environment(new)
        verify_environment(new)
        self.assertEqual(snapshot(os.path.dirname(self.second["wheel"])), damaged)
        self.assertEqual(subprocess.check_output(self.run_as("second")), b"second-2.0\n")

    def test_a_tree_that_gives_no_right_wheel_is_told(self) -> None:
        self.use_fill("pip")
        make_environment(self.application)
        os.unlink(self.second["wheel"])
        with open(os.path.join(self.second["tree"], "second", "tool.so"), "r+b") as file:
            file.write(b"#")
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.make_application(self.first, self.second))
        self.assertIn(self.second["tree"] + ": second/tool.so has sha256=", str(caught.exception))
        self.assert_serves()
        self.assertEqual(self.environment_names(), [self.application.id])

    def test_a_python_that_is_missing_is_told(self) -> None:
        self.python = "3.99"
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.make_application(self.first))
        self.assertIn("dnf install python3.99", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
