"""Names and entry points of wheels, by the same cases as the check of the build (wheel-names.spec.ts)."""

import json
import os
import unittest

from wheel_fixture import LIBRARY

from pinpack_runtime.entry_points import (
    EntryPoint,
    find_reference_fault,
    format_script,
    format_shebang,
    parse_entry_points,
)
from pinpack_runtime.names import find_data_fault, find_path_fault, find_script_fault, is_data_path

with open(os.path.join(LIBRARY, "tests", "wheel-names.json"), encoding="utf-8") as _file:
    CASES = json.load(_file)


class NamesTest(unittest.TestCase):
    def test_every_case(self) -> None:
        checks = dict(paths=find_path_fault, scripts=find_script_fault, data=find_data_fault, references=find_reference_fault)
        self.assertEqual(set(CASES), set(checks))
        for kind, faults in CASES.items():
            for fault, names in faults.items():
                for name in names:
                    with self.subTest(kind, name=name):
                        self.assertEqual(checks[kind](name), fault)

    def test_parts_are_not_longer_than_file_systems_allow(self) -> None:
        self.assertEqual(find_path_fault("a/" + "\u00fc" * 127), "")
        self.assertEqual(find_path_fault("a/" + "\u00fc" * 128), "has a part of more than 255 bytes")
        self.assertEqual(find_script_fault("a" * 256), "is not the name of a command")

    def test_the_data_folder_is_that_of_the_same_project_and_version(self) -> None:
        for name, expected in (
            ("demo_x-1.0.data/data/x", True),
            ("Demo.X-1.0.data/data/x", True),
            ("demo_x-1.0.data", False),
            ("other-1.0.data/data/x", False),
            ("demo_x/1.0.data/x", False),
        ):
            self.assertEqual(is_data_path(name, "demo_x-1.0.dist-info"), expected, name)


class EntryPointsTest(unittest.TestCase):
    def test_commands_of_both_sections(self) -> None:
        text = b"# c\n[console_scripts]\nOne = a.b:c.d\ntwo=a:e [x]\n\n[gui_scripts]\nthree = f:g\n[other]\n../x = y\n"
        expected = [EntryPoint("One", "a.b", "c.d"), EntryPoint("two", "a", "e"), EntryPoint("three", "f", "g")]
        self.assertEqual(parse_entry_points(text), (expected, []))

    def test_every_fault_is_reported(self) -> None:
        text = b"[console_scripts]\n../../../../tmp/victim = a:b\nok = a:b;import os\npython = a:b\nfine = a:b\n"
        found, issues = parse_entry_points(text)
        self.assertEqual(found, [EntryPoint("fine", "a", "b")])
        self.assertEqual(
            issues,
            [
                "console_scripts '../../../../tmp/victim' = 'a:b' is not the name of a command",
                "console_scripts 'ok' = 'a:b;import os' is not of the form module:function",
                "console_scripts 'python' = 'a:b' is a name that the environment itself uses",
            ],
        )

    def test_what_is_no_list_of_entry_points_is_reported(self) -> None:
        for data in (b"[[[\n\0", b"\xff", b"x = y\n", b"[console_scripts\n"):
            found, issues = parse_entry_points(data)
            self.assertEqual((found, len(issues)), ([], 1), data)
        self.assertEqual(parse_entry_points(b"[DEFAULT]\n../x = a:b\n[console_scripts]\n"), ([], []))

    def test_first_lines_fit_old_kernels(self) -> None:
        self.assertEqual(format_shebang("/a/python"), b"#!/a/python\n")
        long = "/opt/" + "n" * 120 + "/python"
        first, second, third = format_shebang(long).decode("ascii").splitlines()
        self.assertEqual((first, third), ("#!/bin/sh", "' '''"))
        script = format_script(EntryPoint("x", "a", "b.c"), long)
        compile(script, "x", "exec")
        self.assertIn(b"from a import b\n", script)
        self.assertIn(b"sys.exit(b.c())", script)


if __name__ == "__main__":
    unittest.main()
