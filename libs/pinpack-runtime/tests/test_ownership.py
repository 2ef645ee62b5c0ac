"""An administrator gives an application's folder to its user. Afterwards this user must not reach anything of other applications, or of root,
or it must be reported and refused until it is fixed.
"""

import os
import shutil
import subprocess
import unittest

from typing import List
from unittest import mock

from application_fixture import ApplicationTestCase, snapshot

from pinpack_runtime import content, shared_files
from pinpack_runtime.environment import make_environment, remove_environment, repair_environment, verify_environment
from pinpack_runtime.errors import RuntimeProblem

APP_USER = 12345
USER = str(APP_USER)
DROP = "import os, sys; os.setgroups([]); os.setgid({0}); os.setuid({0})\n".format(APP_USER)
# Appends to every file that it may, through every name in the folders it is given.
WRITE = DROP + """
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
"""
# Opens a file for writing, and writes to it when it gets a line.
HOLD_OPEN = DROP + """
file = open(sys.argv[1], "r+b", buffering=0)
print(flush=True)
sys.stdin.readline()
file.write(b"# PWNED")
"""
# os.chown follows a link that it is given, and os.walk none that it finds.
WALK = """
import os, sys
for folder, folders, files in os.walk(sys.argv[1]):
    for name in folders + files:
        os.chown(os.path.join(folder, name), {0}, {0})
""".format(APP_USER)
# As Ansible's module `file` does it with `recurse` and `follow`.
FOLLOW = """
import os, sys
def change(top):
    os.chown(top, {0}, {0})
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            os.chown(os.path.realpath(path), {0}, {0})
            if os.path.islink(path) and os.path.isdir(path):
                change(os.path.realpath(path))
change(sys.argv[1])
""".format(APP_USER)


def python(code: str, *arguments: str) -> List[str]:
    return ["/usr/bin/python3", "-IBSc", code] + list(arguments)


class OwnershipTestCase(ApplicationTestCase):
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
        venv = self.mine + "/venv"
        # By all of these the files of other applications stay out of reach, even if the environments are hard links.
        self.harmless = [
            ["chown", "-R", USER, self.mine],
            ["chown", "-RP", USER, self.mine],
            ["chown", "-RH", USER, self.mine],
            ["chown", USER, venv],
            ["chmod", "-R", "a+rwX", self.mine],
            ["find", self.mine, "-exec", "chmod", "a+rwX", "{}", "+"],
            ["find", self.mine, "-exec", "chown", USER, "{}", "+"],
            python(WALK, self.mine),
        ]
        if shutil.which("setfacl"):
            self.harmless.append(["setfacl", "-R", "-m", "u:{}:rwX".format(USER), self.mine])
        # These follow symbolic links.
        self.following = [
            ["chown", "-RL", USER, self.mine],
            ["chown", "-RH", USER, venv],
            ["chown", "-R", USER, venv + "/"],
            ["chmod", "-R", "a+rwX", venv + "/"],
            ["find", "-L", self.mine, "-exec", "chown", USER, "{}", "+"],
            python(FOLLOW, self.mine),
        ]

    def protected(self) -> "List[object]":
        names = ("usr/lib/pinpack/reqset1", "usr/lib/pinpack/_environments/other-app", "var", "opt/other-app")
        return [snapshot(os.path.join(self.root, name)) for name in names]

    def write_as_application(self) -> None:
        subprocess.check_call(python(WRITE, self.mine))

    def assert_out_of_reach(self, way: List[str]) -> None:
        before = self.protected()
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


class OwnershipTest(OwnershipTestCase):
    def test_giving_the_folder_away_reaches_nothing_of_others(self) -> None:
        for way in self.harmless:
            self.assert_out_of_reach(way)

    def test_links_that_the_application_puts_in_the_place_of_folders_lead_nowhere(self) -> None:
        victim = os.path.join(self.root, "victim")
        os.mkdir(victim)
        with open(victim + "/file", "w") as file:
            file.write("untouched")
        identity = self.application.id
        site = "lib/python{}/site-packages".format(self.python)
        for name in (identity, identity + "/lib", identity + "/" + site, identity + "/" + site + "/first"):
            subprocess.check_call(["find", self.application.environments, "-type", "d", "-exec", "chown", USER, "{}", "+"])
            path = os.path.join(self.application.environments, name)
            shutil.rmtree(path)
            os.symlink(victim, path)
            with self.subTest(name):
                with self.assertRaises(RuntimeProblem):
                    verify_environment(self.application)
                repair_environment(self.application)
                verify_environment(self.application)
                self.assertEqual(os.listdir(victim), ["file"])

    def test_a_removal_follows_no_link_and_ends(self) -> None:
        victim = os.path.join(self.root, "victim")
        os.mkdir(victim)
        open(victim + "/file", "w").close()
        for place in (self.application.environments, self.application.environment, self.site_packages()):
            os.symlink(victim, os.path.join(place, "link"))
            os.mkfifo(os.path.join(place, "fifo"))
        subprocess.check_call(["chown", "-RL", USER, self.application.environments])
        remove_environment(self.application.manifest)
        self.assertEqual(os.listdir(self.mine), ["application.json"])
        self.assertEqual((self.environment_names(), os.listdir(victim)), ([], ["file"]))


class StoredOwnershipTest(OwnershipTestCase):
    """Files of stored wheels are unpacked into each environment."""

    layout = "stored"

    def test_following_links_reaches_nothing_of_others(self) -> None:
        for way in self.following:
            self.assert_out_of_reach(way)


class IndependentOwnershipTest(StoredOwnershipTest):
    layout = "tree"
    share_files = False


class HardLinkOwnershipTest(OwnershipTestCase):
    """A command that follows the links gives away files that other applications use. That is reported, refused and repaired."""

    def setUp(self) -> None:
        # Reflinks are independent: the environments of this test need hard links.
        patch = mock.patch.object(content, "_clone", return_value=False)
        patch.start()
        self.addCleanup(patch.stop)
        super().setUp()
        self.module = os.path.join(self.first["tree"], "first", "later.py")
        self.assertEqual(os.stat(self.module).st_nlink, 3)

    def assert_reported(self, application: object, *parts: str) -> None:
        with self.assertRaises(RuntimeProblem) as caught:
            verify_environment(application)  # type: ignore
        shared = [line for line in caught.exception.found if line.endswith("; the file is shared with the RPM reqset1-wheel-first")]
        self.assertTrue(any("first/later.py" in line for line in shared), caught.exception.found)
        self.assertIn("dnf reinstall reqset1-wheel-first", caught.exception.next_step)
        for part in parts:
            self.assertTrue(any(part in line for line in shared), caught.exception.found)

    def assert_refused(self, run: object, application: object) -> None:
        with self.assertRaises(RuntimeProblem) as caught:
            run(application)  # type: ignore
        self.assertEqual(caught.exception.code, "SOURCES_DAMAGED")
        self.assertIn("dnf reinstall reqset1-wheel-first;", caught.exception.next_step)

    def make_third_application(self) -> None:
        """Another application, which is installed or upgraded meanwhile."""
        self.folder = os.path.join(self.root, "opt", "third-app")
        os.makedirs(self.folder, exist_ok=True)
        try:
            make_environment(self.make_application(self.first))
        finally:
            self.folder = self.mine

    def test_files_given_away_are_reported_refused_and_restored(self) -> None:
        before = self.protected()
        for way in self.following:
            with self.subTest(way):
                subprocess.check_call(way)
                expected = "has the mode 0666" if "chmod" in way else "is owned by uid 12345"
                for application in (self.application, self.other_application):
                    self.assert_reported(application, expected)
                self.assert_refused(lambda _: self.make_third_application(), None)
                # An upgrade is refused too, and leaves the old environment.
                self.assert_refused(make_environment, self.application)
                self.assertTrue(os.path.isdir(self.application.environment))
                repair_environment(self.application)
                self.assertEqual(os.stat(self.module).st_uid, 0)
                self.assertEqual(self.protected(), before)
                for application in (self.application, self.other_application):
                    verify_environment(application)
                self.make_third_application()
                self.remove_third_application()

    def test_an_upgrade_that_was_refused_is_repaired(self) -> None:
        subprocess.check_call(["chown", "-RL", USER, self.mine])
        upgraded = self.make_application(self.first, self.second)
        self.assert_refused(make_environment, upgraded)
        self.assertEqual(os.readlink(self.application.home), self.application.environment)
        repair_environment(upgraded)
        verify_environment(upgraded)
        verify_environment(self.other_application)

    def remove_third_application(self) -> None:
        remove_environment(os.path.join(self.root, "opt", "third-app", "application.json"))
        self.assertEqual(os.stat(self.module).st_nlink, 3)

    def test_files_changed_meanwhile_are_reported_and_the_environment_stays_until_their_rpm_is_reinstalled(self) -> None:
        for way in self.following:
            with self.subTest(way):
                subprocess.check_call(way)
                self.write_as_application()
                for application in (self.application, self.other_application):
                    self.assert_reported(application, "was changed: it has ")
                    before = snapshot(application.environment)
                    inode = os.stat(application.environment).st_ino
                    self.assert_refused(repair_environment, application)
                    self.assertEqual(os.stat(application.environment).st_ino, inode)
                    self.assertEqual(snapshot(application.environment), before)
                self.assert_refused(lambda _: self.make_third_application(), None)
                self.install("first", "1.0")
                self.install("second", "2.0")
                for application in (self.application, self.other_application):
                    repair_environment(application)
                    verify_environment(application)
                self.make_third_application()
                self.remove_third_application()

    def test_a_file_that_a_process_has_open_for_writing_is_not_restored(self) -> None:
        subprocess.check_call(["chown", "-RL", USER, self.mine])
        holder = subprocess.Popen(python(HOLD_OPEN, self.site_packages("first", "later.py")), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        holder.stdout.readline()
        self.assert_refused(repair_environment, self.application)
        self.assertEqual(os.stat(self.module).st_uid, APP_USER)
        holder.kill()
        holder.communicate()
        repair_environment(self.application)
        verify_environment(self.application)
        self.assertEqual(os.stat(self.module).st_uid, 0)

    def test_a_change_during_the_restoring_is_noticed(self) -> None:
        subprocess.check_call(["chown", "-RL", USER, self.mine])
        real = os.fchown
        written = []

        def write(descriptor: int, uid: int, gid: int) -> None:
            if uid == 0 and os.path.samestat(os.fstat(descriptor), os.stat(self.module)):
                written.append(1)
                with open(self.module, "ab") as file:
                    file.write(b"# PWNED")
            real(descriptor, uid, gid)

        with mock.patch.object(shared_files.os, "fchown", write):
            self.assert_refused(repair_environment, self.application)
        self.assertEqual(written, [1])
        self.assertEqual(os.stat(self.module).st_uid, APP_USER)

    def test_what_the_application_puts_in_the_place_of_a_shared_file_gets_no_other_owner(self) -> None:
        secret = os.path.join(self.root, "secret")
        with open(secret, "w") as file:
            file.write("secret")
        os.chmod(secret, 0o600)
        os.chown(secret, APP_USER + 1, APP_USER + 1)
        subprocess.check_call(["chown", "-RL", USER, self.mine])
        for replace in (os.link, os.symlink):
            path = self.site_packages("first", "later.py")
            os.unlink(path)
            replace(secret, path)
            self.assert_refused(repair_environment, self.application)
            self.assertEqual((os.stat(secret).st_uid, os.stat(secret).st_mode & 0o777), (APP_USER + 1, 0o600))
        # The environment does not have the inode any more, so only the RPM can restore it.
        self.install("first", "1.0")
        repair_environment(self.application)
        verify_environment(self.application)


if __name__ == "__main__":
    unittest.main()
