"""An environment of Python 2.7: its modules, its packages and nothing else, whatever the user's variables say."""

import glob
import os
import subprocess
import unittest

from typing import List, Optional
from unittest import mock

from application_fixture import ApplicationTestCase

from pinpack_runtime import interpreter
from pinpack_runtime.environment import make_environment, remove_environment, verify_environment

MODULES = b"""\
from __future__ import print_function
import json, os, site, sys, sysconfig, math
def main(): print("main of", __name__)
def show():
    outside = [path for path in sys.path if path.endswith("-packages") and not path.startswith(sys.prefix)]
    print(json.dumps([sys.version_info[0], sys.prefix, sys.executable, outside, os.__file__, math.__file__]))
"""


def find_folder() -> Optional[str]:
    """The folder of a Python 2.7: of the system, or of pyenv."""
    pyenv = os.path.join(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"), "versions/2.7.*/bin")
    folders = list(interpreter.INTERPRETER_FOLDERS) + glob.glob(pyenv)
    found = [folder for folder in folders if os.access(os.path.join(folder, "python2.7"), os.X_OK)]
    return found[0] if found else None


class Python2Test(ApplicationTestCase):
    python = "2.7"

    def setUp(self) -> None:
        folder = find_folder()
        if folder is None:
            self.skipTest("there is no Python 2.7: pyenv install 2.7")
        patch = mock.patch.object(interpreter, "INTERPRETER_FOLDERS", (folder,))
        patch.start()
        self.addCleanup(patch.stop)
        super().setUp()
        self.old = self.install("old", "1.0", {"old/__init__.py": MODULES})
        self.application = self.make_application(self.old)
        make_environment(self.application)

    def run_python(self, words: List[str], **variables: str) -> str:
        program = os.path.join(self.application.home, "bin", words[0])
        environment = dict(PATH="/usr/bin:/bin", HOME=self.root, **variables)
        return subprocess.check_output([program] + words[1:], env=environment, universal_newlines=True)

    def test_imports_its_own_packages_and_the_modules_of_its_installation(self) -> None:
        user = os.path.join(self.root, ".local/lib/python2.7/site-packages")
        os.makedirs(user)
        with open(os.path.join(user, "stranger.pth"), "w") as file:
            file.write("import sys; sys.exit('user site')\n")
        output = self.run_python(["python", "-c", "import old; old.show()"])
        version, prefix, executable, outside, module, extension = __import__("json").loads(output)
        environment = os.path.realpath(self.application.home)
        self.assertEqual([version, prefix, executable], [2, environment, environment + "/bin/python"])
        self.assertEqual(outside, [])
        for path in (module, extension):
            self.assertFalse(path.startswith(environment), path)

    def test_runs_commands_modules_and_children(self) -> None:
        self.assertEqual(self.run_python(["old"]), "main of old\n")
        code = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'import old; old.main()']))"
        self.assertEqual(self.run_python(["python", "-c", code]), "main of old\n")

    def test_is_intact_after_use_and_leaves_nothing(self) -> None:
        self.run_python(["python", "-c", "import old, distutils, email.mime.text, xml.dom.minidom"])
        verify_environment(self.application)
        remove_environment(self.application.manifest)
        self.assertFalse(os.path.lexists(self.application.home))
        self.assertFalse(os.path.lexists(self.application.environment))

    def test_a_changed_site_is_reported(self) -> None:
        with open(os.path.join(self.application.environment, "lib/python2.7/site.py"), "a") as file:
            file.write("# changed\n")
        with self.assertRaisesRegex(Exception, r"site\.py"):
            verify_environment(self.application)


if __name__ == "__main__":
    unittest.main()
