"""What is in an environment, what a wheel may bring into it, and that nothing of a wheel is run when it is made."""

import contextlib
import csv
import errno
import importlib.util
import marshal
import os
import shutil
import stat
import struct
import subprocess
import unittest

from typing import Any, Dict, List
from unittest import mock

from application_fixture import ApplicationTestCase, snapshot
from wheel_fixture import digest_of

from pinpack_runtime import bytecode_process, content, interpreter

# Loaded late by the program: a test that replaces `check_content` must not be the first to load it.
from pinpack_runtime import stored_wheel  # noqa: F401
from pinpack_runtime.application_state import find_environment_issues
from pinpack_runtime.environment import make_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.folder import Folder

COMPILE = """
import compileall, py_compile, sys
mode = py_compile.PycInvalidationMode[sys.argv[2]]
compileall.compile_dir(sys.argv[1], quiet=2, invalidation_mode=mode)
"""
INFO = "evil-1.0.dist-info/"
DATA = "evil-1.0.data/"


class FillTestCase(ApplicationTestCase):
    def read_record(self, dist_info: str) -> "Dict[str, List[str]]":
        with open(self.site_packages(dist_info, "RECORD"), newline="", encoding="utf-8") as file:
            return {row[0]: row[1:] for row in csv.reader(file)}

    def command(self, name: str) -> str:
        return subprocess.check_output([os.path.join(self.application.home, "bin", name)], universal_newlines=True).strip()


class FillTest(FillTestCase):
    def test_every_file_has_its_place(self) -> None:
        make_environment(self.application)
        verify_environment(self.application)
        site = "lib/python{}/site-packages/".format(self.python)
        own = ["bin/activate", "bin/python", "bin/python3", "bin/python" + self.python, "lib64", "pyvenv.cfg"]
        made = ["bin/first", "bin/first-script", "bin/first-shell", "share/first.txt"]
        made += ["include/site/python{}/first/first.h".format(self.python)]
        info = ["first-1.0.dist-info/" + name for name in ("INSTALLER", "METADATA", "RECORD", "WHEEL", "entry_points.txt")]
        modules = ["first/__init__.py", "first/gr\u00fc\u00dfe, all.txt", "first/later.py", "first/tool.so"]
        expected = own + made + [site + name for name in info + modules]
        self.assertEqual(sorted(snapshot(self.application.environment)), sorted(expected))
        self.assertEqual(self.command("first"), "first-1.0")
        self.assertEqual(self.command("first-shell"), "shell")
        ask = "from importlib.metadata import distribution as d; print(d('first').read_text('INSTALLER'), d('first').version)"
        self.assertEqual(self.run_home(ask), "pinpack\n 1.0")
        for folder, folders, names in os.walk(self.application.environment):
            for name in folders + names:
                path = os.path.join(folder, name)
                is_executable = os.path.isdir(path) or os.path.dirname(path).endswith("/bin") and name != "activate"
                if not os.path.islink(path):
                    self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o755 if is_executable else 0o644, path)

    def test_record_has_every_file_with_its_digest(self) -> None:
        make_environment(self.application)
        rows = self.read_record("first-1.0.dist-info")
        files = snapshot(self.site_packages())
        self.assertEqual(sorted(name for name in rows if not name.startswith("../")), sorted(files))
        self.assertIn("../../../bin/first", rows)
        for name, (digest, size) in rows.items():
            path = os.path.join(self.site_packages(), name)
            if digest:
                with open(path, "rb") as file:
                    data = file.read()
                self.assertEqual((digest, int(size)), (digest_of(data), len(data)), name)

    def test_everything_starts_from_the_environment_and_not_from_the_link(self) -> None:
        make_environment(self.application)
        environment_path = self.application.environment
        for name in ("python", "python3", "python" + self.python):
            command = [os.path.join(self.application.home, "bin", name), "-c", "import sys; print(sys.prefix, sys.executable)"]
            output = subprocess.check_output(command, universal_newlines=True)
            self.assertEqual(output.split(), [environment_path, environment_path + "/bin/python"])
        self.assertEqual(self.command("first-script"), environment_path)
        activate = ". {}/bin/activate && command -v python && echo $VIRTUAL_ENV && deactivate && echo ${{VIRTUAL_ENV:-none}}"
        for shell in ("sh", "bash"):
            output = subprocess.check_output([shell, "-euc", activate.format(self.application.home)], universal_newlines=True)
            self.assertEqual(output.split(), [self.application.home + "/bin/python", self.application.home, "none"])

    def test_running_it_adds_nothing(self) -> None:
        make_environment(self.application)
        python = os.path.join(self.application.home, "bin", "python")
        child = "import subprocess, sys, first, first.later; subprocess.check_call([sys.executable, '-c', 'import first.later'])"
        subprocess.check_call([python, "-c", child])
        self.command("first")
        verify_environment(self.application)

    def inodes(self) -> "Dict[str, int]":
        """The inode of each file, by its path in the environment."""
        found = {}
        for folder, _, names in os.walk(self.application.environment):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    found[os.path.relpath(path, self.application.environment)] = os.stat(path).st_ino
        return found

    def test_files_are_hard_links_where_the_file_system_cannot_share_blocks(self) -> None:
        with mock.patch.object(content, "_clone", return_value=False):
            make_environment(self.application)
        verify_environment(self.application)
        site = "lib/python{}/site-packages/".format(self.python)
        shared = ["first/__init__.py", "first/gr\u00fc\u00dfe, all.txt", "first/later.py", "first/tool.so"]
        shared += ["first-1.0.dist-info/" + name for name in ("METADATA", "WHEEL", "entry_points.txt")]
        expected = {site + name: name for name in shared}
        data = "first-1.0.data/"
        expected.update({"share/first.txt": data + "data/share/first.txt", "bin/first-shell": data + "scripts/first-shell"})
        expected["include/site/python{}/first/first.h".format(self.python)] = data + "headers/first.h"
        if self.layout == "stored":
            expected = {}
        for path, inode in self.inodes().items():
            if path in expected:
                self.assertEqual(inode, os.stat(os.path.join(self.first["tree"], expected[path])).st_ino, path)
            else:
                self.assertEqual(os.stat(os.path.join(self.application.environment, path)).st_nlink, 1, path)

    def test_files_are_independent_copies_if_the_application_shares_none(self) -> None:
        self.share_files = False
        self.application = self.make_application(self.first)
        make_environment(self.application)
        verify_environment(self.application)
        for path in self.inodes():
            self.assertEqual(os.stat(os.path.join(self.application.environment, path)).st_nlink, 1, path)
        shared = self.make_application_sharing()
        self.assertNotEqual(shared.id, self.application.id)

    def make_application_sharing(self) -> Any:
        self.share_files = True
        return self.make_application(self.first)

    def test_files_are_copies_if_the_system_refuses_links_or_their_mode_is_another_one(self) -> None:
        if self.layout == "tree":
            os.chmod(os.path.join(self.first["tree"], "first/later.py"), 0o640)
        refusal = OSError(errno.EXDEV, "Invalid cross-device link")
        for patch in (mock.patch("os.link", side_effect=refusal), contextlib.ExitStack()):
            with patch, mock.patch.object(content, "_clone", return_value=False):
                repair_environment(self.application)
            verify_environment(self.application)
            self.assertEqual(os.stat(self.site_packages("first", "later.py")).st_nlink, 1)
            self.assertEqual(stat.S_IMODE(os.stat(self.site_packages("first", "later.py")).st_mode), 0o644)

    def test_blocks_are_shared_where_the_file_system_can(self) -> None:
        cloned = []

        def clone(target: int, request: int, source: int) -> None:
            cloned.append(request)
            os.write(target, os.pread(source, 1 << 20, 0))
            os.lseek(target, 0, os.SEEK_SET)

        with mock.patch.object(content.fcntl, "ioctl", clone):
            make_environment(self.application)
        # Once to find out whether it can, and once for the only file of more than a block.
        self.assertEqual(cloned, [] if self.layout == "stored" else [0x40049409] * 2)
        verify_environment(self.application)
        for path in self.inodes():
            self.assertEqual(os.stat(os.path.join(self.application.environment, path)).st_nlink, 1, path)

    def test_link_and_pip_install_the_same(self) -> None:
        found = []
        for fill in ("link", "pip"):
            self.fill = fill
            self.application = self.make_application(self.first, self.second)
            make_environment(self.application)
            verify_environment(self.application)
            files = snapshot(self.application.environment)
            # These have the environment's own path in them, and RECORD has their digests.
            own = ("bin/python", "bin/first", "bin/second", "bin/first-script", "bin/second-script")
            found.append({name: files[name] for name in files if name not in own and not name.endswith("/RECORD")})
        self.assertEqual(*found)

    def test_where_two_wheels_bring_the_same_path_the_later_one_has_it(self) -> None:
        twin = self.install("twin", "1.0", {"first/__init__.py": b"__version__ = 'of the twin'\n"})
        self.application = self.make_application(self.first, twin)
        make_environment(self.application)
        verify_environment(self.application)
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "of the twin")

    def test_a_wheel_is_not_run_when_it_is_made_verified_or_repaired(self) -> None:
        mark = os.path.join(self.root, "ran")
        code = "open({!r}, 'a').write(__name__)\n".format(mark)
        files = {"evil.pth": "import os; " + code, "sitecustomize.py": code, "usercustomize.py": code, "evil/__init__.py": code}
        files.update({name + ".py": code for name in ("encodings", "json", "virtualenv", "installer", "pip", "pinpack_runtime")})
        evil = self.install("evil", "1.0", {name: text.encode("ascii") for name, text in files.items()})
        for bytecode in (False, True):
            with mock.patch.object(self, "bytecode", bytecode):
                self.application = self.make_application(self.first, evil)
            make_environment(self.application)
            verify_environment(self.application)
            repair_environment(self.application)
            self.assertFalse(os.path.exists(mark))
        # For the application they are what they are for pip.
        self.run_home("pass")
        self.assertTrue(os.path.exists(mark))

    def test_no_name_of_a_wheel_leads_out_or_replaces_what_is_the_environments(self) -> None:
        victim = os.path.join(self.root, "victim")
        open(victim, "w").close()
        up = "../" * 12 + victim.lstrip("/")
        cases = {
            "entry_points.txt: console_scripts": {INFO + "entry_points.txt": "[console_scripts]\n{} = evil:x\n".format(up)},
            "is not of the form module:function": {INFO + "entry_points.txt": "[gui_scripts]\nok = evil:x;import os\n"},
            "entry_points.txt: it cannot be read": {INFO + "entry_points.txt": "[[[\n"},
            "scripts/python is a name": {DATA + "scripts/python": ""},
            "data/pyvenv.cfg is a name": {DATA + "data/pyvenv.cfg": ""},
            "data/bin/pyvenv.cfg is a name": {DATA + "data/bin/pyvenv.cfg": ""},
            "data/bin/python3 is a name": {DATA + "data/bin/python3": ""},
            "data/lib64 is a name": {DATA + "data/lib64": ""},
            "bogus/x is in none of the folders": {DATA + "bogus/x": ""},
            "bin is a file and a folder": {DATA + "data/bin": ""},
            "lib is a file and a folder": {DATA + "data/lib": ""},
            "first is a file and a folder": {"first": ""},
            "leaves the tree": {up: ""},
            "is an absolute path": {victim: ""},
            "has a control character": {"a\x1b[31mb.py": ""},
        }  # type: Dict[str, Dict[str, str]]
        make_environment(self.application)
        for message, files in cases.items():
            if self.layout == "tree" and any(name.startswith(("/", "..")) for name in files):
                continue
            evil = self.install("evil", "1.0", {name: text.encode("ascii") for name, text in files.items()})
            with self.subTest(message), self.assertRaises(RuntimeProblem) as caught:
                make_environment(self.make_application(self.first, evil))
            self.assertEqual(caught.exception.code, "SOURCES_DAMAGED")
            self.assertIn(message, str(caught.exception))
            self.assertNotIn("\x1b", str(caught.exception))
            self.assertTrue(os.path.exists(victim))
            self.assertEqual(self.environment_names(), [self.application.id])
            verify_environment(self.application)

    def test_a_source_that_others_could_have_changed_is_refused(self) -> None:
        names = ["", "first", "first/later.py", "first-1.0.dist-info", "first-1.0.dist-info/RECORD", "first-1.0.dist-info/entry_points.txt"]
        paths = [self.first["stored"]] if self.layout == "stored" else [os.path.join(self.first["tree"], name) for name in names]
        paths += [] if self.layout == "stored" else [os.path.join(self.root, name) for name in ("usr/lib/pinpack", "usr/lib/pinpack/reqset1")]
        for share_files in (True, False):
            self.share_files = share_files
            self.application = self.make_application(self.first)
            for path in paths:
                mode = stat.S_IMODE(os.stat(path).st_mode)
                os.chmod(path, mode | 0o022)
                with self.subTest(path), self.assertRaises(RuntimeProblem) as caught:
                    make_environment(self.application)
                self.assertIn("can be written by others than its owner (mode {:04o})".format(mode | 0o022), str(caught.exception))
                self.assertIn("dnf reinstall reqset1-wheel-first;", caught.exception.next_step)
                os.chmod(path, mode)
        make_environment(self.application)
        verify_environment(self.application)

    def test_what_is_placed_is_compared_and_not_the_original(self) -> None:
        real = content.check_content

        def change(chunks: Any, row: Any, use: Any) -> None:
            real((chunk.replace(b"version =", b"changed =") for chunk in chunks), row, use)

        def link_changed(source: Folder, name: str, target: Folder) -> None:
            target.write_file(name, [source.read(name).replace(b"version =", b"changed =")])

        names = ["pinpack_runtime.{}.check_content".format(module) for module in ("content", "stored_wheel", "tree")]
        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(mock.patch(name, change))
            stack.enter_context(mock.patch.object(Folder, "link_own", link_changed))
            with self.assertRaises(RuntimeProblem) as caught:
                make_environment(self.application)
        self.assertIn("first/later.py has sha256=", str(caught.exception))

    def test_a_python_that_is_missing_or_another_one_is_reported(self) -> None:
        self.python = "3.99"
        with self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.make_application(self.first))
        self.assertIn("dnf install python3.99", str(caught.exception))
        folder = os.path.join(self.root, "bin")
        os.mkdir(folder)
        for text, message in (("echo 3.5", "it is Python 3.5"), ("exit 7", "it ended with exit code 7")):
            with open(folder + "/python3.99", "w") as file:
                file.write("#!/bin/sh\n{}\n".format(text))
            os.chmod(folder + "/python3.99", 0o755)
            with mock.patch.object(interpreter, "INTERPRETER_FOLDERS", (folder,)), self.assertRaises(RuntimeProblem) as caught:
                make_environment(self.make_application(self.first))
            self.assertEqual(caught.exception.code, "PYTHON_UNEXPECTED")
            self.assertIn(message, str(caught.exception))


class BytecodeTest(FillTestCase):
    """Bytecode comes from the tree, or is compiled where the wheel is stored."""

    bytecode = True

    def install(self, name: str, version: str, more: Any = None) -> "Dict[str, str]":
        fields = super().install(name, version, more)
        if "tree" in fields:
            self.compile_tree(fields["tree"], "UNCHECKED_HASH")
        return fields

    def compile_tree(self, tree: str, mode: str) -> None:
        subprocess.check_call(["/usr/bin/python" + self.python, "-IBS", "-c", COMPILE, tree, mode])

    def cached(self, name: str) -> str:
        return "first/__pycache__/{}.cpython-{}.pyc".format(name, self.python.replace(".", ""))

    def test_it_is_installed_recorded_and_used(self) -> None:
        make_environment(self.application)
        verify_environment(self.application)
        for name in ("__init__", "later"):
            with open(self.site_packages(self.cached(name)), "rb") as file:
                # PEP 552: hash-based, and Python takes it unchecked.
                self.assertEqual(file.read(8)[4:], b"\1\0\0\0")
            self.assertIn(self.cached(name), self.read_record("first-1.0.dist-info"))
        is_used = "import first, importlib.util as u; print(u.cache_from_source(first.__file__) == first.__cached__)"
        self.assertEqual(self.run_home(is_used), "True")

    def test_a_later_wheel_replaces_files_and_their_bytecode(self) -> None:
        mine, broken = b"who = 'second'\n", b"print 'Python 2'\n"
        second = self.install("second", "2.0", {"first/later.py": mine, "first/__init__.py": broken})
        self.application = self.make_application(self.first, second)
        make_environment(self.application)
        with open(self.site_packages("first/__init__.py"), "rb") as file:
            self.assertEqual(file.read(), broken)
        # Bytecode of the replaced source would be used instead of it.
        self.assertFalse(os.path.exists(self.site_packages(self.cached("__init__"))))
        with open(self.site_packages("first/later.py"), "rb") as file:
            self.assertEqual(file.read(), mine)
        with open(self.site_packages(self.cached("later")), "rb") as file:
            self.assertIn(b"second", file.read())
        self.application = self.make_application(second, self.first)
        make_environment(self.application)
        self.assertEqual(self.run_home("import first.later as x; print(x.version)"), "1.0")

    def test_bytecode_that_is_missing_changed_or_poisoned_is_reported_and_repaired(self) -> None:
        make_environment(self.application)
        path = self.site_packages(self.cached("later"))
        with open(path, "rb") as file:
            data = file.read()
        for damage in (b"", data[:-1] + b"#", data[:16] + b"#" * (len(data) - 16)):
            with open(path, "wb") as file:
                file.write(damage)
            (issue,) = find_environment_issues(self.application)
            self.assertIn(self.cached("later") + " was changed", issue)
        os.unlink(path)
        (issue,) = find_environment_issues(self.application)
        self.assertIn(self.cached("later") + " is missing", issue)
        make_environment(self.application)
        verify_environment(self.application)

    def test_a_process_that_fails_is_reported(self) -> None:
        fails = mock.patch.object(bytecode_process, "START", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        is_other = mock.patch.object(bytecode_process, "runs_this_program", return_value=False)
        with fails, is_other, self.assertRaises(RuntimeProblem) as caught:
            make_environment(self.application)
        self.assertIn("it was ended by signal 9", str(caught.exception))
        self.assertEqual(self.environment_names(), [])


class TreeBytecodeTest(BytecodeTest):
    def test_only_bytecode_that_belongs_to_its_source_is_installed(self) -> None:
        for mode, expected in (("CHECKED_HASH", True), ("TIMESTAMP", False)):
            shutil.rmtree(os.path.join(self.first["tree"], "first", "__pycache__"))
            self.compile_tree(self.first["tree"], mode)
            repair_environment(self.application)
            self.assertEqual(os.path.exists(self.site_packages(self.cached("later"))), expected)
            self.assertEqual(self.cached("later") in self.read_record("first-1.0.dist-info"), expected)

    def test_bytecode_of_another_version_is_not_installed(self) -> None:
        source = os.path.join(self.first["tree"], "first", "later.py")
        with open(source, "rb") as file:
            code = file.read()
        self.replace(source, code.replace(b"1.0", b"0.9"))
        shutil.rmtree(os.path.join(self.first["tree"], "first", "__pycache__"))
        self.compile_tree(self.first["tree"], "UNCHECKED_HASH")
        self.replace(source, code)
        make_environment(self.application)
        self.assertFalse(os.path.exists(self.site_packages(self.cached("later"))))
        self.assertEqual(self.run_home("import first.later as x; print(x.version)"), "1.0")

    def test_bytecode_in_a_wheel_is_left_out(self) -> None:
        cached = self.cached("x").replace("first/", "evil/")
        code = b"print('of the source')\n"
        compiled = marshal.dumps(compile("print('of the bytecode')", "x", "exec"))
        header = importlib.util.MAGIC_NUMBER + struct.pack("<I", 1)
        hashes = [b"x" * 8] + ([importlib.util.source_hash(code)] if hasattr(importlib.util, "source_hash") else [])
        for digest in hashes:
            evil = super(BytecodeTest, self).install("evil", "1.0", {"evil/x.py": code, cached: header + digest + compiled})
            self.application = self.make_application(evil)
            make_environment(self.application)
            self.assertEqual(self.run_home("import evil.x"), "of the source")


class StoredFillTest(FillTest):
    layout = "stored"


class StoredBytecodeTest(BytecodeTest):
    layout = "stored"

    def test_what_does_not_compile_has_none(self) -> None:
        deep = "(" * 5000 + ")" * 5000
        files = {"evil/old.py": b"print 'x'\n", "evil/nul.py": b"\0", "evil/deep.py": deep.encode("ascii"), "evil/fine.py": b"x = 1\n"}
        evil = self.install("evil", "1.0", files)
        self.application = self.make_application(evil)
        make_environment(self.application)
        verify_environment(self.application)
        self.assertEqual([name.split(".")[0] for name in sorted(os.listdir(self.site_packages("evil/__pycache__")))], ["__init__", "fine", "later"])


if __name__ == "__main__":
    unittest.main()
