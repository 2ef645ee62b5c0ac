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

    def test_rebuild_verify_remove(self) -> None:
        self.assertEqual(self.assert_run(0, "wheel", "rebuild", *self.place_arguments()), "")
        self.assertEqual(self.read_wheel(), self.expected)
        self.assertEqual(self.assert_run(0, "wheel", "verify", *self.place_arguments()), "")
        self.assertEqual(self.assert_run(0, "wheel", "remove", "--wheel", self.wheel), "")
        self.assertFalse(os.path.exists(self.wheel))
        self.assertIn("the wheel is missing", self.assert_run(1, "wheel", "verify", *self.place_arguments()))

    def test_help_and_version(self) -> None:
        self.assertEqual(self.run_launcher("--version").stdout, "pinpack-runtime {}\n".format(pinpack_runtime.__version__))
        verbs = {"wheel": ["rebuild", "verify", "remove"], "application": ["make", "verify", "repair", "remove"]}
        for words in [[]] + [[area] for area in verbs] + [[area, verb] for area in verbs for verb in verbs[area]]:
            result = self.run_launcher(*(words + ["--help"]))
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertTrue(result.stdout.startswith("usage: pinpack-runtime " + " ".join(words)), result.stdout)

    def test_wrong_usage(self) -> None:
        place = self.place_arguments()
        for arguments in (
            [],
            ["wheel"],
            ["wheel", "polish"],
            ["application"],
            ["application", "make"],
            ["application", "polish", "--manifest", "/application.json"],
            ["wheel", "rebuild"],
            ["wheel", "remove", "--whee", self.wheel],
            ["wheel", "remove", "--wheel", self.folder],
            ["wheel", "rebuild"] + place[:-1] + ["abc"],
            ["wheel", "rebuild"] + place[:3] + ["../demo-1.0.dist-info"] + place[4:],
            ["wheel", "rebuild"] + place[:3] + ["demo-1.0"] + place[4:],
        ):
            with self.subTest(arguments):
                self.assertIn("next step: pinpack-runtime", self.assert_run(2, *arguments))

    def test_an_upper_case_digest_is_the_same_digest(self) -> None:
        arguments = self.place_arguments()
        self.assert_run(0, "wheel", "rebuild", *(arguments[:-1] + [arguments[-1].upper()]))

    def test_a_problem_is_told_without_a_traceback(self) -> None:
        os.unlink(self.path("demo/tool.so"))
        message = self.assert_run(1, "wheel", "rebuild", *self.place_arguments())
        self.assertIn("pinpack-runtime: {}: demo/tool.so is missing\n  expected: ".format(self.tree), message)

    def test_the_systems_refusals_are_problems_too(self) -> None:
        with open(self.wheelhouse, "w") as file:
            file.write("a file where the folder should be")
        for verb in ("rebuild", "verify"):
            self.assertIn("next step: ", self.assert_run(1, "wheel", verb, *self.place_arguments()))
        os.unlink(self.wheelhouse)
        os.makedirs(self.wheel)
        self.assertIn("EISDIR", self.assert_run(1, "wheel", "remove", "--wheel", self.wheel))
        self.assertIn(self.wheel, self.assert_run(1, "wheel", "rebuild", *self.place_arguments()))
        self.assertEqual(os.listdir(self.wheelhouse), [os.path.basename(self.wheel)])

    def test_an_applications_problems_are_told(self) -> None:
        manifest = os.path.join(self.folder, "application.json")
        for verb in ("make", "verify", "repair"):
            message = self.assert_run(1, "application", verb, "--manifest", manifest)
            self.assertIn("pinpack-runtime: {}: it is missing\n  expected: ".format(manifest), message)
        os.mkdir(manifest)
        for verb in ("make", "verify", "repair"):
            self.assertIn("EISDIR", self.assert_run(1, "application", verb, "--manifest", manifest))
        self.assert_run(0, "application", "remove", "--manifest", manifest)
        self.assertIn("not application.json", self.assert_run(1, "application", "remove", "--manifest", self.wheel))

    def test_a_file_size_limit_is_a_problem_that_leaves_nothing(self) -> None:
        result = subprocess.run(
            [sys.executable, "-IBS", LAUNCHER, "wheel", "rebuild"] + self.place_arguments(),
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
            message = self.assert_run(1, "wheel", "rebuild", *self.place_arguments(), LC_ALL=locale, LANG=locale)
            self.assertIn("is missing", message)
        self.write("demo/gr\u00fc\u00dfe \U0001f40d.txt", wheel_fixture.FILES["demo/gr\u00fc\u00dfe \U0001f40d.txt"])
        for locale in ("C", "POSIX", "C.UTF-8", "de_DE.ISO-8859-1"):
            self.assert_run(0, "wheel", "rebuild", *self.place_arguments(), LC_ALL=locale, LANG=locale, TZ="Asia/Tokyo")
            self.assertEqual(self.read_wheel(), self.expected)


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
        with open(LAUNCHER) as file:
            self.assertEqual(file.readline(), "#!/usr/bin/python3 -IBS\n")

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

    def test_tells_when_its_files_are_missing(self) -> None:
        launcher = self.install()
        shutil.rmtree(os.path.join(self.folder, "usr", "lib"))
        result = subprocess.run([sys.executable, launcher], stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("dnf reinstall pinpack-runtime", result.stderr)


if __name__ == "__main__":
    unittest.main()
