"""Applications made with the real virtualenv, installer and pip, from the wheels in the folder that PINPACK_TEST_WHEELS names."""

import hashlib
import os
import shutil
import unittest
import zipfile

from typing import Dict, List, Optional

from application_fixture import ApplicationTestCase

from pinpack_runtime.fill_process import INTERPRETER_FOLDERS

WHEELS = os.environ.get("PINPACK_TEST_WHEELS")
TOOLS = ["virtualenv", "distlib", "filelock", "packaging", "platformdirs", "python_discovery", "installer", "pip"]
# What these tools themselves run under.
MINORS = range(11, 15)


def find_python() -> Optional[str]:
    """The oldest system Python that the tools run under, as "3.11"."""
    for minor in MINORS:
        for folder in INTERPRETER_FOLDERS:
            if os.access("{}/python3.{}".format(folder, minor), os.X_OK):
                return "3.{}".format(minor)
    return None


def find_wheel(project: str) -> Optional[str]:
    names = os.listdir(WHEELS) if WHEELS else []
    return next((os.path.join(WHEELS or "", name) for name in names if name.startswith(project + "-")), None)


def reason_to_skip() -> Optional[str]:
    """Why the tests with real tools cannot run here; None where they can."""
    if WHEELS is None:
        return "PINPACK_TEST_WHEELS names no folder of wheels"
    missing = [tool for tool in TOOLS if find_wheel(tool) is None]
    if missing:
        return "the folder that PINPACK_TEST_WHEELS names has no wheel of " + ", ".join(missing)
    return None if find_python() else "none of Python 3.11 to 3.14 is in " + " and ".join(INTERPRETER_FOLDERS)


def unzip_wheel(wheel: str, folder: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            path = archive.extract(info, folder)
            os.chmod(path, 0o755 if (info.external_attr >> 16) & 0o111 else 0o644)


class ToolsTestCase(ApplicationTestCase):
    """self.application is made by link; `use_fill` changes that."""

    def setUp(self) -> None:
        reason = reason_to_skip()
        if reason:
            raise unittest.SkipTest(reason)
        self.python = find_python() or ""
        super().setUp()
        self.tools = [self.unzip(tool) for tool in TOOLS]
        self.application = self.make_application(self.first)

    def use_fill(self, fill: str) -> None:
        self.fill = fill
        self.application = self.make_application(self.first)

    def unzip(self, project: str) -> str:
        folder = os.path.join(self.root, "tools", project)
        if not os.path.isdir(folder):
            unzip_wheel(find_wheel(project) or "", folder)
        return folder

    def store_tool(self, project: str) -> str:
        """The tool's wheel where its RPM of layout `stored` has it; deflated, which is no difference to who unpacks it."""
        stored = os.path.join(self.root, "usr/lib/pinpack/reqset1", project + ".whl.stored")
        os.makedirs(os.path.dirname(stored), exist_ok=True)
        shutil.copyfile(find_wheel(project) or "", stored)
        return stored

    def wheel_of(self, project: str) -> Dict[str, str]:
        """The manifest's fields of one of the real wheels."""
        wheel = find_wheel(project) or ""
        tree = self.unzip(project)
        dist_info = next(name for name in os.listdir(tree) if name.endswith(".dist-info"))
        with open(wheel, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        name, version = dist_info[: -len(".dist-info")].rsplit("-", 1)
        return dict(
            name=name.replace("_", "-"), version=version, distInfo=dist_info, tree=tree, wheel=wheel, sha256=digest
        )

    def run_as(self, *arguments: str) -> "List[str]":
        return [os.path.join(self.application.home, "bin", arguments[0])] + list(arguments[1:])


def snapshot(folder: str) -> Dict[str, str]:
    """Every file of a folder with mode and digest of its content."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            found[os.path.relpath(path, folder)] = "{:o} {}".format(os.lstat(path).st_mode, digest)
    return found
