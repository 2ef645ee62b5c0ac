"""The wheelhouse of a system: what is made, reported and removed, and what stays."""

import os
import shutil
import unittest

from typing import Any, List
from unittest import mock

from wheel_fixture import DIST_INFO, WheelTestCase

from pinpack_runtime import canonical_wheel
from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.replacement import TEMPORARY_PREFIX, TEMPORARY_SUFFIX
from pinpack_runtime.wheel_facts import InstalledWheel, find_installed_wheels, read_place
from pinpack_runtime.wheelhouse import make_wheelhouse, remove_wheelhouse, verify_wheelhouse


class WheelhouseTest(WheelTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.state = os.path.join(self.folder, "var/lib/pinpack")

    def add_reqset(self, reqset: str) -> str:
        """demo of another reqset; gives its tree."""
        for kind in ("usr/lib", "usr/share"):
            folder = os.path.join(self.folder, kind, "pinpack")
            shutil.copytree(os.path.join(folder, "reqset1"), os.path.join(folder, reqset))
        return os.path.join(self.folder, "usr/lib/pinpack", reqset, "demo")

    def wheels(self) -> List[str]:
        """Every file of the state."""
        return sorted(
            os.path.relpath(os.path.join(folder, name), self.state)
            for folder, _, names in os.walk(self.state)
            for name in names
        )

    def problem_of(self, run: Any, *arguments: Any) -> RuntimeProblem:
        with self.assertRaises(RuntimeProblem) as caught:
            run(self.folder, *arguments)
        return caught.exception

    def test_makes_the_wheels_of_all_reqsets_or_of_one(self) -> None:
        self.add_reqset("reqset2")
        make_wheelhouse(self.folder, "reqset2")
        name = os.path.basename(self.wheel)
        self.assertEqual(self.wheels(), ["reqset2/wheelhouse/" + name])
        make_wheelhouse(self.folder, None)
        self.assertEqual(self.wheels(), ["reqset1/wheelhouse/" + name, "reqset2/wheelhouse/" + name])
        self.assertEqual(self.read_wheel(), self.expected)
        verify_wheelhouse(self.folder, None)

    def test_leaves_a_right_wheel_and_replaces_another_of_the_same_name(self) -> None:
        make_wheelhouse(self.folder, None)
        inode = os.stat(self.wheel).st_ino
        make_wheelhouse(self.folder, None)
        self.assertEqual(os.stat(self.wheel).st_ino, inode)
        # The same version, released again with other bytes.
        self.write_facts(sha256="0" * 64)
        self.assertIn("RECORD itself or an execute permission", str(self.problem_of(make_wheelhouse, None)))
        self.write_facts()
        with open(self.wheel, "ab") as file:
            file.write(b"of another release")
        self.assertEqual(self.problem_of(verify_wheelhouse, None).code, "WHEEL_DAMAGED")
        make_wheelhouse(self.folder, None)
        self.assertEqual(self.read_wheel(), self.expected)

    def test_one_that_fails_does_not_stop_the_others(self) -> None:
        trees = [self.add_reqset("reqset0"), self.add_reqset("reqset2")]
        for tree in trees:
            os.unlink(os.path.join(tree, "demo/tool.so"))
        problem = self.problem_of(make_wheelhouse, None)
        self.assertEqual(problem.code, "WHEELHOUSE_INCOMPLETE")
        self.assertEqual(problem.found, ["{}: demo/tool.so is missing".format(tree) for tree in trees])
        for tree in trees:
            self.assertIn("dnf reinstall \"$(rpm -qf '{}/{}/RECORD')\"".format(tree, DIST_INFO), problem.next_step)
        self.assertEqual(self.read_wheel(), self.expected)
        self.assertEqual(len(self.wheels()), 1)

    def test_a_full_disk_is_reported_once(self) -> None:
        self.add_reqset("reqset2")
        with mock.patch.object(canonical_wheel, "write_replacement", side_effect=OSError(28, "No space left on device")):
            problem = self.problem_of(make_wheelhouse, None)
        self.assertEqual(len(problem.found), 2)
        self.assertEqual(problem.next_step.count("Free some space"), 1)

    def test_reports_every_missing_wheel(self) -> None:
        self.add_reqset("reqset2")
        make_wheelhouse(self.folder, "reqset1")
        self.assertIn("reqset2/wheelhouse", self.problem_of(verify_wheelhouse, None).subject)
        verify_wheelhouse(self.folder, "reqset1")
        shutil.rmtree(self.state)
        self.assertEqual(len(self.problem_of(verify_wheelhouse, None).found), 2)

    def test_without_wheel_rpms_there_is_nothing_to_do(self) -> None:
        shutil.rmtree(os.path.join(self.folder, "usr"))
        for run in (make_wheelhouse, verify_wheelhouse, remove_wheelhouse):
            run(self.folder, None)
        self.assertFalse(os.path.exists(self.state))

    def test_an_unknown_reqset_is_reported_with_the_known_ones(self) -> None:
        for run in (make_wheelhouse, verify_wheelhouse):
            self.assertEqual(self.problem_of(run, "reqset7").expected, "one of: reqset1")
        remove_wheelhouse(self.folder, "reqset7")

    def test_removes_its_wheels_and_what_killed_runs_left_and_nothing_else(self) -> None:
        self.add_reqset("reqset2")
        make_wheelhouse(self.folder, None)
        for name in (TEMPORARY_PREFIX + "killed" + TEMPORARY_SUFFIX, "own-1.0-py3-none-any.whl"):
            open(os.path.join(self.wheelhouse, name), "w").close()
        remove_wheelhouse(self.folder, None)
        self.assertEqual(self.wheels(), ["reqset1/wheelhouse/own-1.0-py3-none-any.whl"])
        # The folders are the wheel RPMs'.
        self.assertTrue(os.path.isdir(os.path.join(self.state, "reqset2", "wheelhouse")))
        remove_wheelhouse(self.folder, None)

    def test_removes_what_stays_when_the_wheel_rpms_go_first(self) -> None:
        make_wheelhouse(self.folder, None)
        open(os.path.join(self.wheelhouse, TEMPORARY_PREFIX + "killed" + TEMPORARY_SUFFIX), "w").close()
        # As rpm does it: the ghost goes, and folders stay that are not empty.
        os.unlink(self.wheel)
        shutil.rmtree(os.path.join(self.folder, "usr"))
        remove_wheelhouse(self.folder, None)
        self.assertFalse(os.path.exists(self.state))

    def test_damaged_facts_do_not_stop_the_removal_of_other_wheels(self) -> None:
        self.add_reqset("reqset2")
        make_wheelhouse(self.folder, None)
        self.write_facts(wheel="../../etc/passwd.whl")
        self.assertEqual(self.problem_of(remove_wheelhouse, None).code, "FACTS_INVALID")
        self.assertEqual(self.wheels(), ["reqset1/wheelhouse/" + os.path.basename(self.wheel)])


class FactsTest(WheelTestCase):
    def issues(self) -> List[str]:
        with self.assertRaises(RuntimeProblem) as caught:
            read_place(InstalledWheel(self.folder, "reqset1", "demo"))
        self.assertEqual((caught.exception.code, caught.exception.subject), ("FACTS_INVALID", self.facts))
        return caught.exception.found

    def test_are_found_and_read(self) -> None:
        open(os.path.join(os.path.dirname(self.facts), "README"), "w").close()
        (wheel,) = find_installed_wheels(self.folder)
        self.assertEqual(wheel, InstalledWheel(self.folder, "reqset1", "demo"))
        self.assertEqual(read_place(wheel), self.place())
        self.write_facts(later="key")
        self.assertEqual(read_place(wheel), self.place())
        self.assertEqual(InstalledWheel("/", "reqset1", "demo").facts, "/usr/share/pinpack/reqset1/demo.json")

    def test_every_field_is_checked(self) -> None:
        for key in ("wheel", "distInfo", "sha256"):
            for value in (None, 1, [], "", "a b", "../demo.whl", "a/b.whl", "../demo.dist-info", "AB", "0" * 63):
                with self.subTest((key, value)):
                    self.write_facts(**{key: value})
                    self.assertIn(key + " is ", self.issues()[0])
        self.write_facts(wheel=1, distInfo=2, sha256=3)
        self.assertEqual(len(self.issues()), 3)
        self.write_facts(format=2)
        self.assertEqual(self.issues(), ["its format is 2, and this pinpack-runtime knows 1"])

    def test_what_is_no_facts_is_refused(self) -> None:
        for text in ("", "[]", "{", "\x00"):
            with open(self.facts, "w") as file:
                file.write(text)
            self.assertEqual(len(self.issues()), 1)
        os.unlink(self.facts)
        self.assertEqual(self.issues(), ["it is missing"])


if __name__ == "__main__":
    unittest.main()
