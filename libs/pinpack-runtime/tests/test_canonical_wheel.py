"""The canonical wheel against zipfile's, and what must not go into it or outlive a failure."""

import os
import shutil
import stat
import unittest

from wheel_fixture import DIST_INFO, FILES, RECORD, WheelTestCase, digest_of, record_of, rows_of, zipfile_wheel

from pinpack_runtime.canonical_wheel import rebuild_wheel
from pinpack_runtime.errors import RuntimeProblem


class RebuildTest(WheelTestCase):
    def test_gives_the_bytes_that_zipfile_gives(self) -> None:
        rebuild_wheel(self.place())
        self.assertEqual(self.read_wheel(), self.expected)

    def test_gives_mode_0644_and_open_folders_under_any_umask(self) -> None:
        for umask in (0o000, 0o022, 0o077, 0o777):
            before = os.umask(umask)
            try:
                rebuild_wheel(self.place())
            finally:
                os.umask(before)
            self.assertEqual(stat.S_IMODE(os.stat(self.wheel).st_mode), 0o644)
            self.assertEqual(stat.S_IMODE(os.stat(self.wheelhouse).st_mode), 0o755)
            shutil.rmtree(os.path.join(self.folder, "var"))

    def test_leaves_out_what_record_does_not_name(self) -> None:
        self.write("demo/old_version.py", b"of the version before")
        self.write("demo/__pycache__/__init__.cpython-311.pyc", b"bytecode")
        self.write(RECORD + ".jws", b"signature")
        rebuild_wheel(self.place())
        self.assertEqual(self.read_wheel(), self.expected)

    def test_leaves_out_signatures_that_record_names(self) -> None:
        rows = rows_of(FILES) + [(RECORD + ".jws", "", ""), (RECORD + ".p7s", digest_of(b"x"), "1")]
        self.files[RECORD] = record_of(rows)
        self.write(RECORD, self.files[RECORD])
        self.expected = zipfile_wheel(self.files)
        rebuild_wheel(self.place())
        self.assertEqual(self.read_wheel(), self.expected)

    def test_takes_any_execute_bit_and_no_other_bit(self) -> None:
        os.chmod(self.path("demo/tool.so"), 0o4610)
        os.chmod(self.path("demo/empty.py"), 0o600)
        rebuild_wheel(self.place())
        self.assertEqual(self.read_wheel(), self.expected)

    def test_replaces_an_older_wheel_and_a_link_in_its_place(self) -> None:
        os.makedirs(self.wheelhouse)
        elsewhere = os.path.join(self.folder, "elsewhere")
        with open(elsewhere, "wb") as file:
            file.write(b"not ours")
        os.symlink(elsewhere, self.wheel)
        rebuild_wheel(self.place())
        self.assertFalse(os.path.islink(self.wheel))
        with open(elsewhere, "rb") as file:
            self.assertEqual(file.read(), b"not ours")


class FailingRebuildTest(WheelTestCase):
    def setUp(self) -> None:
        super().setUp()
        os.makedirs(self.wheelhouse)
        with open(self.wheel, "wb") as file:
            file.write(b"the old wheel")

    def assert_fails(self, *parts: str, **options: str) -> RuntimeProblem:
        with self.assertRaises(RuntimeProblem) as caught:
            rebuild_wheel(self.place(**options))
        for part in parts:
            self.assertIn(part, str(caught.exception))
        self.assertEqual(self.read_wheel(), b"the old wheel")
        self.assertEqual(os.listdir(self.wheelhouse), [os.path.basename(self.wheel)])
        return caught.exception

    def test_names_every_damaged_file_at_once(self) -> None:
        self.write("demo/__init__.py", b"__version__ = '6.6'\n")
        self.write("demo/empty.py", b"no more")
        os.unlink(self.path("demo/tool.so"))
        problem = self.assert_fails("3 problems", "demo/tool.so is missing", "has 7 bytes, recorded are 0", "dnf reinstall")
        self.assertIn("demo/__init__.py has sha256=", str(problem))
        self.assertEqual(problem.code, "TREE_DAMAGED")

    def test_refuses_another_digest(self) -> None:
        problem = self.assert_fails("0" * 64, "RECORD itself or an execute permission", sha256="0" * 64)
        self.assertEqual(problem.code, "WHEEL_UNEXPECTED")

    def test_refuses_a_lost_execute_bit(self) -> None:
        os.chmod(self.path("demo/tool.so"), 0o644)
        self.assert_fails("execute permission")

    def test_refuses_links_that_leave_the_tree(self) -> None:
        outside = os.path.join(self.folder, "outside")
        os.rename(os.path.join(self.tree, "demo"), outside)
        os.symlink(outside, os.path.join(self.tree, "demo"))
        self.assert_fails("demo/__init__.py is missing: a symbolic link or a file is in the place of its folder")

    def test_refuses_a_file_that_is_a_link(self) -> None:
        outside = os.path.join(self.folder, "outside.py")
        os.rename(self.path("demo/empty.py"), os.fsencode(outside))
        os.symlink(outside, self.path("demo/empty.py").decode())
        self.assert_fails("demo/empty.py is not a regular file")

    def test_refuses_folders_fifos_and_link_loops_without_waiting(self) -> None:
        for name, make in (("demo/empty.py", os.mkdir), ("demo/__init__.py", os.mkfifo)):
            os.unlink(self.path(name))
            make(self.path(name))
        os.unlink(self.path("demo/tool.so"))
        os.symlink(b"tool.so", self.path("demo/tool.so"))
        problem = self.assert_fails("demo/empty.py is not a regular file", "demo/__init__.py is not a regular file")
        self.assertIn("demo/tool.so is not a regular file", str(problem))

    def test_reports_a_missing_record_and_a_missing_tree(self) -> None:
        os.unlink(self.path(RECORD))
        self.assert_fails(DIST_INFO + "/RECORD: is missing", "dnf reinstall")
        self.tree = os.path.join(self.folder, "nowhere")
        self.assertEqual(self.assert_fails("is missing").code, "RECORD_MISSING")


if __name__ == "__main__":
    unittest.main()
