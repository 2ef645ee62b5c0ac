"""File operations that stay in their folder: names, symbolic links, and what is no file in the place of one."""

import errno
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import unittest

from typing import Callable, Dict

import wheel_fixture  # noqa: F401

from pinpack_runtime.folder import Folder, NotRegularFile
from pinpack_runtime.openat import MountPoint, is_trusted

# More than Python's limit of recursion, and than descriptors of a process.
DEPTH = 1200


class FolderTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="pinpack-test-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.victim = os.path.join(self.root, "outside", "victim")
        os.makedirs(os.path.dirname(self.victim))
        with open(self.victim, "w") as file:
            file.write("untouched")
        os.makedirs(os.path.join(self.root, "inside", "a"))
        self.folder = Folder.open(os.path.join(self.root, "inside"))
        self.addCleanup(self.folder.close)

    def operations(self) -> "Dict[str, Callable[[str], object]]":
        """Every method that takes a name and reads or changes what it names."""
        folder = self.folder
        return {
            "enter": lambda name: folder.enter(name, create=True).close(),
            "open_file": lambda name: os.close(folder.open_file(name)),
            "read": folder.read,
            "create_file": lambda name: os.close(folder.create_file(name)),
            "write_file": lambda name: folder.write_file(name, [b"changed"]),
            "make_link": lambda name: folder.make_link(name, "x"),
            "rename from": lambda name: folder.rename(name, folder, "renamed"),
            "rename to": lambda name: folder.rename("a", folder, name),
            "link from": lambda name: folder.link(name, folder, "linked"),
            "link to": lambda name: folder.link("a", folder, name),
            "take_file_ownership": folder.take_file_ownership,
            "remove": folder.remove,
            "remove_empty": folder.remove_empty,
        }

    def assert_untouched(self) -> None:
        with open(self.victim) as file:
            self.assertEqual(file.read(), "untouched")
        self.assertEqual(os.listdir(os.path.dirname(self.victim)), ["victim"])
        self.assertTrue(os.path.isdir(os.path.join(self.root, "inside", "a")))

    def test_no_name_leads_out(self) -> None:
        for name in ("..", "../outside/victim", "a/../../outside/victim", self.victim, "a/", "a//b", "./a", ".", "/", "a\0b"):
            for label, run in self.operations().items():
                with self.subTest(label, name=name), self.assertRaises(OSError) as caught:
                    run(name)
                self.assertEqual(caught.exception.errno, errno.EINVAL)
        self.assert_untouched()

    def test_no_symbolic_link_is_followed(self) -> None:
        os.symlink("../outside", os.path.join(self.root, "inside", "link"))
        for label, run in self.operations().items():
            with self.subTest(label):
                if label == "remove_empty":
                    run("link/victim")
                else:
                    with self.assertRaises(OSError) as caught:
                        run("link/victim")
                    self.assertIn(caught.exception.errno, (errno.ELOOP, errno.ENOTDIR))
        self.assertIsNone(self.folder.status("link/victim"))
        self.assert_untouched()
        os.symlink("../outside/victim", os.path.join(self.root, "inside", "file"))
        for label in ("open_file", "read", "create_file", "write_file", "take_file_ownership"):
            with self.subTest(label), self.assertRaises(OSError):
                self.operations()[label]("file")
        self.folder.remove("file")
        self.folder.remove("link")
        self.assert_untouched()

    def test_what_is_no_file_is_refused_without_waiting(self) -> None:
        os.mkfifo(os.path.join(self.root, "inside", "fifo"))
        bound = socket.socket(socket.AF_UNIX)
        self.addCleanup(bound.close)
        bound.bind(os.path.join(self.root, "inside", "socket"))
        for name in ("a", "fifo", "socket"):
            with self.subTest(name), self.assertRaises(NotRegularFile):
                self.folder.open_file(name)
        with Folder.open("/dev") as devices, self.assertRaises(NotRegularFile):
            devices.open_file("null")

    def test_modes_do_not_depend_on_the_umask(self) -> None:
        for umask in (0o000, 0o077, 0o777):
            before = os.umask(umask)
            try:
                self.folder.enter("x/y", create=True).close()
                self.folder.write_file("x/file", [b"1", b"2"])
            finally:
                os.umask(before)
            modes = [stat.S_IMODE(os.stat(os.path.join(self.root, "inside", name)).st_mode) for name in ("x", "x/y", "x/file")]
            self.assertEqual(modes, [0o755, 0o755, 0o644])
            self.assertEqual(self.folder.read("x/file"), b"12")
            self.folder.remove("x")

    def test_a_file_larger_than_the_limit_is_refused(self) -> None:
        self.folder.write_file("x", [b"123"])
        with self.assertRaises(OSError) as caught:
            self.folder.read("x", 2)
        self.assertEqual(caught.exception.errno, errno.EFBIG)

    def test_removes_any_depth_of_folders(self) -> None:
        before = os.getcwd()
        try:
            os.chdir(os.path.join(self.root, "inside", "a"))
            for number in range(DEPTH):
                os.mkdir("d")
                os.chdir("d")
                if number % 500 == 0:
                    os.mkdir(".removing.0")
                    os.mkfifo("fifo")
                    os.symlink("/", "link")
        finally:
            os.chdir(before)
        self.folder.remove("a")
        self.assertEqual(self.folder.names(), [])
        self.folder.remove("a")

    def test_does_not_remove_what_is_mounted(self) -> None:
        target = os.path.join(self.root, "inside", "a", "b", "mounted")
        os.makedirs(target)
        mounted = subprocess.run(["mount", "--bind", os.path.dirname(self.victim), target], stderr=subprocess.PIPE)
        if mounted.returncode != 0:
            self.skipTest("nothing can be mounted here: " + mounted.stderr.decode("utf-8", "replace"))
        self.addCleanup(subprocess.run, ["umount", target], stderr=subprocess.DEVNULL)
        with self.assertRaises((MountPoint, OSError)) as caught:
            self.folder.remove("a")
        self.assertIn(caught.exception.errno, (errno.EBUSY, errno.EXDEV))
        self.assert_mounted_untouched()

    def assert_mounted_untouched(self) -> None:
        with open(self.victim) as file:
            self.assertEqual(file.read(), "untouched")

    def test_errors_name_the_whole_path(self) -> None:
        for label, run in self.operations().items():
            if label in ("enter", "create_file", "write_file", "make_link", "remove", "remove_empty"):
                continue
            with self.subTest(label), self.assertRaises(OSError) as caught:
                run("missing/file")
            names = (caught.exception.filename, caught.exception.filename2)
            self.assertTrue(any(str(name).startswith(self.root + "/inside/missing") for name in names), names)

    def test_trust(self) -> None:
        path = os.path.join(self.root, "inside", "a")
        for mode, expected in ((0o755, True), (0o775, False), (0o757, False), (0o4711, True)):
            os.chmod(path, mode)
            self.assertEqual(is_trusted(os.stat(path)), expected, oct(mode))


if __name__ == "__main__":
    unittest.main()
