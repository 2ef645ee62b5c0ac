"""The program as scriptlets and administrators call it: exit codes, messages, and what it must not leave behind."""

import os
import resource
import shutil
import stat
import subprocess
import sys
import unittest

import wheel_fixture
from wheel_fixture import LAUNCHER, LIBRARY, WheelTestCase

import pinpack_runtime


class CommandLineTest(WheelTestCase):
    def assert_run(self, code: int, *arguments: str, **environment: str) -> str:
        result = self.run_launcher(*arguments, **environment)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertNotIn("Traceback", result.stderr)
        return result.stderr

    def run_wheelhouse(self, code: int, verb: str, *arguments: str, **environment: str) -> str:
        return self.assert_run(code, "wheelhouse", verb, "--root", self.folder, *arguments, **environment)

    def verify_wheel(self, code: int) -> str:
        return self.assert_run(code, "wheel", "verify", "--root", self.folder, "reqset1", "demo")

    def test_make_verify_remove(self) -> None:
        for reqset in ([], ["reqset1"]):
            self.assertEqual(self.verify_wheel(0), "")
            self.assertIn(self.wheel + ": it is missing\n", self.run_wheelhouse(1, "verify", *reqset))
            self.assertEqual(self.run_wheelhouse(0, "make", *reqset), "")
            self.assertEqual(self.read_wheel(), self.expected)
            self.assertEqual(self.run_wheelhouse(0, "verify", *reqset), "")
            self.assertEqual(self.verify_wheel(0), "")
            self.assertEqual(self.run_wheelhouse(0, "remove", *reqset), "")
            self.assertEqual(os.listdir(self.wheelhouse), [])

    def test_makes_only_what_is_listed(self) -> None:
        self.standard_input = "/elsewhere\n" + self.facts + "x\n"
        self.run_wheelhouse(0, "make", "--listed")
        self.assertFalse(os.path.exists(self.wheel))
        self.standard_input = "/elsewhere\n{}\n".format(self.facts)
        self.run_wheelhouse(0, "make", "--listed")
        self.assertEqual(self.read_wheel(), self.expected)

    def test_help_and_version(self) -> None:
        self.assertEqual(self.run_launcher("--version").stdout, "pinpack-runtime {}\n".format(pinpack_runtime.__version__))
        verbs = {"wheel": ["verify"], "wheelhouse": ["make", "verify", "remove"], "application": ["make", "switch", "verify", "repair", "prune", "remove"]}
        for words in [[]] + [[area] for area in verbs] + [[area, verb] for area in verbs for verb in verbs[area]]:
            result = self.run_launcher(*(words + ["--help"]))
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertTrue(result.stdout.startswith("usage: pinpack-runtime " + " ".join(words)), result.stdout)

    def test_wrong_usage(self) -> None:
        for arguments in (
            [],
            ["wheel"],
            ["wheel", "polish"],
            ["application"],
            ["application", "make"],
            ["application", "polish", "--manifest", "/application.json"],
            ["wheel", "verify"],
            ["wheel", "verify", "reqset1"],
            ["wheel", "verify", "reqset1", "../demo"],
            ["wheelhouse"],
            ["wheelhouse", "polish"],
            ["wheelhouse", "make", "reqset1", "reqset2"],
            ["wheelhouse", "make", "--list"],
            ["wheelhouse", "verify", "--listed"],
            ["wheelhouse", "make", "../reqset1"],
            ["wheelhouse", "make", ""],
        ):
            with self.subTest(arguments):
                self.assertIn("next step: pinpack-runtime", self.assert_run(2, *arguments))

    def test_a_problem_is_reported_without_a_traceback(self) -> None:
        os.unlink(self.path("demo/tool.so"))
        for message in (self.run_wheelhouse(1, "make"), self.verify_wheel(1)):
            self.assertIn("demo/tool.so is missing\n  expected: ", message)

    def test_the_systems_refusals_are_problems_too(self) -> None:
        os.makedirs(os.path.dirname(self.wheelhouse))
        with open(self.wheelhouse, "w") as file:
            file.write("a file where the folder should be")
        for verb in ("make", "verify"):
            self.assertIn("next step: ", self.run_wheelhouse(1, verb))
        os.unlink(self.wheelhouse)
        os.makedirs(self.wheel)
        self.assertIn("EISDIR", self.run_wheelhouse(1, "remove"))
        self.assertIn(self.wheel, self.run_wheelhouse(1, "make"))
        self.assertEqual(os.listdir(self.wheelhouse), [os.path.basename(self.wheel)])

    def test_an_applications_problems_are_reported(self) -> None:
        manifest = os.path.join(self.folder, "application.json")
        for verb in ("make", "verify", "repair", "prune"):
            message = self.assert_run(1, "application", verb, "--manifest", manifest)
            self.assertIn("pinpack-runtime: {}: it is missing\n  expected: ".format(manifest), message)
        os.mkdir(manifest)
        for verb in ("make", "verify", "repair"):
            self.assertIn("it is not a regular file", self.assert_run(1, "application", verb, "--manifest", manifest))
        self.assert_run(0, "application", "remove", "--manifest", manifest)
        self.assertIn("not application.json", self.assert_run(1, "application", "remove", "--manifest", self.wheel))

    def test_a_file_size_limit_is_a_problem_that_leaves_nothing(self) -> None:
        result = subprocess.run(
            [sys.executable, "-IBS", LAUNCHER, "wheelhouse", "make", "--root", self.folder],
            stderr=subprocess.PIPE,
            universal_newlines=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn("EFBIG", result.stderr)
        self.assertEqual(os.listdir(self.wheelhouse), [])

    def test_works_in_every_locale(self) -> None:
        os.unlink(self.path("demo/gr\u00fc\u00dfe \U0001f40d.txt"))
        for locale in ("C", "POSIX", "C.UTF-8", "de_DE.ISO-8859-1"):
            message = self.run_wheelhouse(1, "make", LC_ALL=locale, LANG=locale)
            self.assertIn("is missing", message)
        self.write("demo/gr\u00fc\u00dfe \U0001f40d.txt", wheel_fixture.FILES["demo/gr\u00fc\u00dfe \U0001f40d.txt"])
        for locale in ("C", "POSIX", "C.UTF-8", "de_DE.ISO-8859-1"):
            self.run_wheelhouse(0, "make", LC_ALL=locale, LANG=locale, TZ="Asia/Tokyo")
            self.assertEqual(self.read_wheel(), self.expected)
            os.unlink(self.wheel)


class LauncherTest(WheelTestCase):
    def install(self) -> str:
        """A copy laid out as the RPM does; gives the launcher."""
        usr = os.path.join(self.folder, "usr")
        shutil.copytree(
            os.path.join(LIBRARY, "src", "pinpack_runtime"), os.path.join(usr, "lib", "pinpack-runtime", "pinpack_runtime")
        )
        os.mkdir(os.path.join(usr, "bin"))
        return shutil.copy(LAUNCHER, os.path.join(usr, "bin", "pinpack-runtime"))

    def test_is_executable_and_ignores_the_environment(self) -> None:
        self.assertTrue(os.stat(LAUNCHER).st_mode & stat.S_IXUSR)
        with open(LAUNCHER, encoding="ascii") as file:
            text = file.read()
        self.assertTrue(text.startswith("#!/bin/sh\n"), text)
        self.assertIn('exec "$python" -IBS "$0" "$@"', text)
        # The kernel starts sh, sh starts the system's Python, and Python takes sh's lines for a string.
        output = subprocess.check_output([LAUNCHER, "--version"], universal_newlines=True, cwd="/")
        self.assertEqual(output, "pinpack-runtime {}\n".format(pinpack_runtime.__version__))

    def test_runs_from_its_installed_place_and_through_a_link_and_leaves_no_bytecode(self) -> None:
        launcher = self.install()
        link = os.path.join(self.folder, "link")
        os.symlink(launcher, link)
        for command in ([sys.executable, "-IBS", launcher], [sys.executable, link]):
            output = subprocess.check_output(command + ["--version"], universal_newlines=True, cwd="/")
            self.assertEqual(output, "pinpack-runtime {}\n".format(pinpack_runtime.__version__))
        leftovers = [name for _, folders, _ in os.walk(self.folder) for name in folders if name == "__pycache__"]
        self.assertEqual(leftovers, [])

    def test_is_not_led_astray_by_the_caller(self) -> None:
        astray = os.path.join(self.folder, "astray")
        os.mkdir(astray)
        for name in ("argparse.py", "pinpack_runtime.py", "sitecustomize.py"):
            with open(os.path.join(astray, name), "w") as file:
                file.write("raise SystemExit('astray')\n")
        result = self.run_launcher("--version", PYTHONPATH=astray, PYTHONHOME=astray, PYTHONSTARTUP=astray, HOME=astray)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_reports_when_its_files_are_missing(self) -> None:
        launcher = self.install()
        shutil.rmtree(os.path.join(self.folder, "usr", "lib"))
        result = subprocess.run([sys.executable, launcher], stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("dnf reinstall pinpack-runtime", result.stderr)


if __name__ == "__main__":
    unittest.main()
