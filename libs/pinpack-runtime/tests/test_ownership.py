"""An administrator gives an application's folder to its user. Afterwards this user must not reach anything of other applications, or of root."""

import os
import shutil
import subprocess
import unittest

from typing import List

from application_fixture import ApplicationTestCase, snapshot

from pinpack_runtime.environment import make_environment, remove_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem

APP_USER = 12345
# Appends to every file that it may, through every name in the folders it is given.
WRITE = """
import os, sys
os.setgroups([]); os.setgid({0}); os.setuid({0})
for folder, folders, files in os.walk(sys.argv[1], followlinks=True):
    for name in files:
        path = os.path.join(folder, name)
        try:
            os.chmod(path, 0o777)
        except OSError:
            pass
        try:
            with open(path, "ab") as file:
                file.write(b"# PWNED")
        except OSError:
            pass
""".format(APP_USER)


class OwnershipTest(ApplicationTestCase):
    def setUp(self) -> None:
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can give files to another user")
        make_environment(self.application)
        self.other = os.path.join(self.root, "opt", "other-app")
        os.mkdir(self.other)
        self.mine, self.folder = self.folder, self.other
        self.other_application = self.make_application(self.first, self.second)
        make_environment(self.other_application)
        self.folder = self.mine

    def protected(self) -> "List[object]":
        return [snapshot(os.path.join(self.root, name)) for name in ("usr", "var", "opt/other-app")]

    def write_as_application(self) -> None:
        subprocess.check_call(["/usr/bin/python3", "-IBSc", WRITE, self.mine])

    def test_no_way_of_giving_it_away_reaches_what_others_use(self) -> None:
        user = str(APP_USER)
        venv = self.mine + "/venv/"
        ways = [
            ["chown", "-R", user, self.mine],
            ["chown", "-R", user, venv],
            ["chown", "-RL", user, self.mine],
            ["chown", "-RH", user, self.mine + "/venv"],
            ["chmod", "-R", "a+rwX", self.mine],
            ["chmod", "-R", "a+rwX", venv],
            ["find", "-L", self.mine, "-exec", "chown", user, "{}", "+"],
            ["find", self.mine, "-exec", "chmod", "a+rwX", "{}", "+"],
        ]
        if shutil.which("setfacl"):
            ways.append(["setfacl", "-R", "-m", "u:{}:rwX".format(user), self.mine])
        before = self.protected()
        for way in ways:
            with self.subTest(way):
                subprocess.check_call(way)
                self.write_as_application()
                self.assertEqual(self.protected(), before)
                verify_environment(self.other_application)
                with self.assertRaises(RuntimeProblem):
                    verify_environment(self.application)
                repair_environment(self.application)
                verify_environment(self.application)
                self.assertEqual(os.stat(self.mine).st_uid, 0)

    def test_links_that_the_application_puts_in_the_place_of_folders_lead_nowhere(self) -> None:
        victim = os.path.join(self.root, "victim")
        os.mkdir(victim)
        with open(victim + "/file", "w") as file:
            file.write("untouched")
        subprocess.check_call(["chown", "-R", str(APP_USER), self.mine])
        identity = self.application.id
        site = "lib/python{}/site-packages".format(self.python)
        for name in (identity, identity + "/lib", identity + "/" + site, identity + "/" + site + "/first"):
            path = os.path.join(self.application.environments, name)
            shutil.rmtree(path)
            os.symlink(victim, path)
            with self.subTest(name):
                with self.assertRaises(RuntimeProblem):
                    verify_environment(self.application)
                repair_environment(self.application)
                verify_environment(self.application)
                self.assertEqual(os.listdir(victim), ["file"])
        shutil.rmtree(self.application.environments)
        os.symlink(victim, self.application.environments)
        for run in (lambda: make_environment(self.application), lambda: remove_environment(self.application.manifest)):
            with self.assertRaises(RuntimeProblem) as caught:
                run()
            self.assertEqual(caught.exception.code, "NOT_OURS")
        self.assertEqual(os.listdir(victim), ["file"])

    def test_a_removal_follows_no_link_and_ends(self) -> None:
        victim = os.path.join(self.root, "victim")
        os.mkdir(victim)
        open(victim + "/file", "w").close()
        for place in (self.application.environments, self.application.environment, self.site_packages()):
            os.symlink(victim, os.path.join(place, "link"))
            os.mkfifo(os.path.join(place, "fifo"))
        subprocess.check_call(["chown", "-R", str(APP_USER), self.mine])
        remove_environment(self.application.manifest)
        self.assertEqual(sorted(os.listdir(self.mine)), ["application.json"])
        self.assertEqual(os.listdir(victim), ["file"])


class StoredOwnershipTest(OwnershipTest):
    layout = "stored"


if __name__ == "__main__":
    unittest.main()
