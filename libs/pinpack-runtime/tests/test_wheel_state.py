"""What `wheel verify` finds of one wheel RPM."""

import os
import unittest

from wheel_fixture import DIST_INFO, RECORD, WheelTestCase

from pinpack_runtime.canonical_wheel import rebuild_wheel
from pinpack_runtime.cli import main
from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.wheel_state import verify_wheel


class VerifyTest(WheelTestCase):
    def setUp(self) -> None:
        super().setUp()
        rebuild_wheel(self.place())

    def verify(self) -> RuntimeProblem:
        before = sorted(os.listdir(self.wheelhouse))
        with self.assertRaises(RuntimeProblem) as caught:
            verify_wheel(self.place())
        self.assertEqual(sorted(os.listdir(self.wheelhouse)), before)
        return caught.exception

    def test_finds_nothing_wrong(self) -> None:
        verify_wheel(self.place())
        self.write("demo/left_over.py", b"not in RECORD")
        verify_wheel(self.place())

    def test_a_missing_wheel_or_wheelhouse_is_no_problem(self) -> None:
        os.unlink(self.wheel)
        verify_wheel(self.place())
        os.rmdir(self.wheelhouse)
        verify_wheel(self.place())

    def test_damaged_wheel(self) -> None:
        with open(self.wheel, "ab") as file:
            file.write(b"x")
        problem = self.verify()
        self.assertEqual(problem.code, "WHEEL_DAMAGED")
        self.assertIn("the wheel: it has sha256 ", str(problem))
        command = problem.next_step.split(": ", 1)[1]
        self.assertEqual(main(command.split()[1:] + ["--root", self.folder]), 0)
        verify_wheel(self.place())

    def test_a_folder_in_place_of_the_wheel(self) -> None:
        os.unlink(self.wheel)
        os.mkdir(self.wheel)
        self.assertIn("the wheel: it is not a regular file", str(self.verify()))

    def test_everything_at_once(self) -> None:
        os.unlink(self.wheel)
        os.symlink("nowhere", self.wheel)
        os.unlink(self.path("demo/tool.so"))
        self.write("demo/__init__.py", b"__version__ = '6.6'\n")
        problem = self.verify()
        self.assertEqual(problem.code, "TREE_DAMAGED")
        found = [line.split(" has ")[0] for line in problem.found]
        self.assertEqual(found, ["the wheel: it is not a regular file", "demo/__init__.py", "demo/tool.so is missing"])
        self.assertIn("dnf reinstall", problem.next_step)

    def test_changed_record(self) -> None:
        self.write(RECORD, self.files[RECORD].replace(b",1,2", b",") + b"\n")
        self.assertIn("RECORD itself or an execute permission", str(self.verify()))

    def test_changed_execute_permission(self) -> None:
        os.chmod(self.path("demo/__init__.py"), 0o755)
        self.assertIn("RECORD itself or an execute permission", str(self.verify()))

    def test_missing_and_broken_record(self) -> None:
        self.write(RECORD, b"/etc/passwd,,\n")
        self.assertIn(DIST_INFO + "/RECORD: line 1: '/etc/passwd' is an absolute path", str(self.verify()))
        os.unlink(self.path(RECORD))
        self.assertIn(DIST_INFO + "/RECORD: is missing", str(self.verify()))


if __name__ == "__main__":
    unittest.main()
