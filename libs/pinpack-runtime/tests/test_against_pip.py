"""Environments of real wheels against those that the reference makes: venv and pip, offline. PINPACK_TEST_WHEELS names a folder of wheels."""

import glob
import hashlib
import os
import re
import subprocess
import unittest
import zipfile

from typing import Dict, Optional

from application_fixture import ApplicationTestCase, snapshot

from pinpack_runtime.environment import make_environment, verify_environment

WHEELS = os.environ.get("PINPACK_TEST_WHEELS")
# Written by the installer itself, or with the environment's own path in it.
OWN = re.compile(r"(.*\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)|bin/.*|pyvenv\.cfg|lib64)\Z")
RUN_PIP = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pip._internal.cli.main import main; sys.exit(main())"


def reason_to_skip() -> Optional[str]:
    if WHEELS is None:
        return "PINPACK_TEST_WHEELS names no folder of wheels"
    return None if glob.glob(os.path.join(WHEELS, "pip-*.whl")) else "the folder that PINPACK_TEST_WHEELS names has no wheel of pip"


@unittest.skipIf(reason_to_skip(), reason_to_skip())
class AgainstPipTest(ApplicationTestCase):
    def unzip(self, wheel: str) -> Dict[str, str]:
        """Installs a real wheel as its RPM does; gives the manifest's fields."""
        name, version = os.path.basename(wheel).split("-")[:2]
        name = re.sub(r"[-_.]+", "-", name).lower()
        tree = os.path.join(self.root, "usr/lib/pinpack/reqset1", name)
        with zipfile.ZipFile(wheel) as archive:
            for info in archive.infolist():
                os.chmod(archive.extract(info, tree), 0o755 if (info.external_attr >> 16) & 0o111 or info.is_dir() else 0o644)
        dist_info = next(folder for folder in os.listdir(tree) if folder.endswith(".dist-info"))
        place = os.path.join(self.root, "var/lib/pinpack/reqset1/wheelhouse", os.path.basename(wheel))
        with open(wheel, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        return dict(name=name, version=version, distInfo=dist_info, wheel=place, sha256=digest, tree=tree)

    def test_the_same_files_with_the_same_content_and_modes(self) -> None:
        # pip would take itself for installed.
        (pip,) = [self.unzip(wheel)["tree"] for wheel in glob.glob(os.path.join(WHEELS or "", "pip-*.whl"))]
        wheels = sorted(set(glob.glob(os.path.join(WHEELS or "", "*.whl"))) - set(glob.glob(os.path.join(WHEELS or "", "pip-*"))))
        self.application = self.make_application(*[self.unzip(wheel) for wheel in wheels])
        make_environment(self.application)
        verify_environment(self.application)
        reference = os.path.join(self.root, "reference")
        python = "/usr/bin/python" + self.python
        subprocess.check_call([python, "-m", "venv", "--without-pip", reference])
        command = [os.path.join(reference, "bin/python"), "-IBc", RUN_PIP, pip, "install", "--isolated", "--quiet", "--no-index"]
        subprocess.check_call(command + ["--no-deps", "--no-compile", "--no-warn-script-location", "--no-cache-dir"] + wheels)
        ours, theirs = snapshot(self.application.environment), snapshot(reference)
        kept = [set(files.items()) for files in (ours, theirs)]
        kept = [{(path, state) for path, state in files if not OWN.match(path)} for files in kept]
        self.assertEqual(sorted(kept[0] ^ kept[1])[:20], [])
        self.assertGreater(len(kept[0]), 1000)
        commands = [{path for path in files if path.startswith("bin/") and not re.match(r"bin/(python|[Aa]ctivate)", path)} for files in (ours, theirs)]
        self.assertEqual(*commands)
        for name in sorted(commands[0]):
            runs = [subprocess.run([os.path.join(folder, name), "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for folder in (self.application.environment, reference)]
            self.assertEqual(runs[0].returncode, runs[1].returncode, name)

    def test_pip_itself_knows_what_is_installed(self) -> None:
        wheels = sorted(glob.glob(os.path.join(WHEELS or "", "*.whl")))
        self.application = self.make_application(*[self.unzip(wheel) for wheel in wheels])
        make_environment(self.application)
        python = os.path.join(self.application.home, "bin/python")
        listed = subprocess.check_output([python, "-I", "-m", "pip", "list", "--format", "freeze"], universal_newlines=True)
        self.assertEqual(len(listed.splitlines()), len(wheels))
        subprocess.check_call([python, "-I", "-m", "pip", "uninstall", "--quiet", "--yes", "numpy"])
        self.assertFalse([path for path in snapshot(self.application.environment) if re.search(r"site-packages/numpy|bin/f2py", path)])


if __name__ == "__main__":
    unittest.main()
