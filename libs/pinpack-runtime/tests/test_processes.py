"""A process that runs while its application is upgraded: it stays in its environment, which stays until the process ends."""

import os
import subprocess
import unittest

from typing import List
from unittest import mock

from application_fixture import ApplicationTestCase

from pinpack_runtime import processes
from pinpack_runtime.environment import make_environment, prune_environments, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem
from pinpack_runtime.processes import find_usage

# Imports one module at the start, and another when it gets a line.
SERVICE = """
import sys
import first
print(first.__version__, flush=True)
sys.stdin.readline()
import first.later
print(first.later.version, first.later.__file__, sys.prefix, flush=True)
"""

MAP = """
import mmap
with open({!r}, "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
print(flush=True)
input()
"""


class ProcessesTest(ApplicationTestCase):
    def start(self, name: str, *arguments: str) -> "subprocess.Popen[str]":
        command = [os.path.join(self.application.home, "bin", name)] + list(arguments)
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True)
        for stream in (process.stdin, process.stdout):
            self.addCleanup(stream.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def upgrade(self, version: str) -> None:
        self.application = self.make_application(self.install("first", version))
        make_environment(self.application)
        verify_environment(self.application)

    def test_it_never_mixes_versions(self) -> None:
        make_environment(self.application)
        old = self.application
        for name in ("python", "python3", "python" + self.python):
            self.upgrade("1.0")
            service = self.start(name, "-c", SERVICE)
            self.assertEqual(service.stdout.readline(), "1.0\n")
            self.upgrade("1.1")
            self.upgrade("1.2")
            self.assertEqual(self.environment_names(), sorted([old.id, self.application.id]))
            service.stdin.write("\n")
            service.stdin.flush()
            expected = ["1.0", old.environment + "/lib/python{}/site-packages/first/later.py".format(self.python), old.environment]
            self.assertEqual(service.stdout.readline().split(), expected)
            self.assertEqual(service.wait(), 0)
            self.assertEqual(self.run_home("import first.later as x; print(x.version)"), "1.2")
            prune_environments(self.application)
            self.assertEqual(self.environment_names(), [self.application.id])
            self.assertEqual(self.inventory_names(), [self.application.inventory])

    def test_a_repair_leaves_a_process_the_files_of_its_version(self) -> None:
        make_environment(self.application)
        service = self.start("python", "-c", SERVICE)
        self.assertEqual(service.stdout.readline(), "1.0\n")
        repair_environment(self.application)
        service.stdin.write("\n")
        service.stdin.flush()
        self.assertEqual(service.stdout.readline().split()[0], "1.0")

    def test_every_kind_of_use_keeps_an_environment(self) -> None:
        make_environment(self.application)
        old = self.application.environment
        uses = {
            "command line": ["/bin/sh", "-c", "read x", old + "/bin/first"],
            "current folder": ["/bin/sh", "-c", "cd {} && echo && read x".format(old)],
            "open file": ["/bin/sh", "-c", "exec 9< {}/pyvenv.cfg && echo && read x".format(old)],
            "mapped file": ["/usr/bin/python3", "-c", MAP.format(old + "/lib/python{}/site-packages/first/tool.so".format(self.python))],
        }
        for kind, command in uses.items():
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if kind != "command line":
                process.stdout.readline()
            with self.subTest(kind):
                self.assertEqual(self.used(), [os.path.basename(old)])
            process.communicate(b"\n")
            with self.subTest(kind):
                self.assertEqual(self.used(), [])

    def used(self) -> List[str]:
        return sorted(find_usage([self.application.environments], [self.application.id, "0" * 16]).names)

    def test_without_proc_the_former_environment_stays_until_the_next_upgrade(self) -> None:
        make_environment(self.application)
        former = []
        with mock.patch.object(processes, "PROC", os.path.join(self.root, "no-proc")):
            for version in ("1.1", "1.2", "1.3"):
                former.append(self.application.id)
                self.upgrade(version)
                self.assertEqual(self.environment_names(), sorted([former[-1], self.application.id]))
            repair_environment(self.application)
        prune_environments(self.application)
        self.assertEqual(self.environment_names(), [self.application.id])

    def test_the_current_environment_stays_where_the_new_one_could_not_be_made(self) -> None:
        make_environment(self.application)
        old = self.application
        new = self.make_application(self.install("first", "1.1"), self.second)
        os.unlink(os.path.join(self.second["tree"], "second", "tool.so"))
        with self.assertRaises(RuntimeProblem):
            make_environment(new)
        prune_environments(new)
        self.assertEqual(self.environment_names(), [old.id])
        self.assertEqual(self.inventory_names(), [old.inventory])
        self.assertEqual(self.run_home("import first; print(first.__version__)"), "1.0")

    def test_nothing_to_prune_is_no_problem(self) -> None:
        prune_environments(self.application)
        self.assertEqual(os.listdir(self.folder), ["application.json"])


if __name__ == "__main__":
    unittest.main()
