"""Applications made in code: a manifest, the trees and wheels of two small projects, and an environment without any tool."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from typing import Any, Dict, List
from unittest import mock

from wheel_fixture import digest_of, record_of, zipfile_wheel

from pinpack_runtime import environment
from pinpack_runtime.application import Application, read_application
from pinpack_runtime.record import encode_digest
from pinpack_runtime.tree import Tree

PYTHON = "{}.{}".format(*sys.version_info[:2])


def wheel_files(name: str, version: str) -> Dict[str, bytes]:
    """A wheel with everything that installing one has to place: module, script, entry point, data, header."""
    stem = "{}-{}".format(name, version)
    info, data = stem + ".dist-info/", stem + ".data/"
    files = {
        name + "/__init__.py": "__version__ = {!r}\ndef main(): print({!r})\n".format(version, stem).encode("ascii"),
        name + "/gr\u00fc\u00dfe, all.txt": b"hello\n",
        name + "/tool.so": bytes(range(256)) * 40,
        data + "scripts/{}-script".format(name): b"#!python\nimport sys\nprint(sys.prefix)\n",
        data + "data/share/{}.txt".format(name): b"shared\n",
        data + "headers/{}.h".format(name): b"#define A 1\n",
        info + "METADATA": "Metadata-Version: 2.1\nName: {}\nVersion: {}\n".format(name, version).encode("ascii"),
        info + "WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        info + "entry_points.txt": "[console_scripts]\n{0} = {0}:main\n".format(name).encode("ascii"),
    }
    rows = [(path, digest_of(content), str(len(content))) for path, content in files.items()]
    files[info + "RECORD"] = record_of(rows + [(info + "RECORD", "", "")])
    return files


class ApplicationTestCase(unittest.TestCase):
    """A temporary root; self.application is `demo-app` with the wheel first 1.0."""

    python = PYTHON
    fill = "link"
    layout = "tree"
    bytecode = False

    def setUp(self) -> None:
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="pinpack-test-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.folder = os.path.join(self.root, "opt", "demo-app")
        os.makedirs(self.folder)
        self.tools = [os.path.join(self.root, "tools")]
        os.mkdir(self.tools[0])
        self.first = self.make_wheel("first", "1.0")
        self.second = self.make_wheel("second", "2.0")
        self.application = self.make_application(self.first)

    def make_wheel(self, name: str, version: str) -> Dict[str, str]:
        """Writes tree and wheel; gives the manifest's fields."""
        files = wheel_files(name, version)
        tree = os.path.join(self.root, "trees", name + version)
        for path, data in files.items():
            full = os.path.join(os.fsencode(tree), path.encode("utf-8"))
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(data)
            os.chmod(full, 0o755 if ".data/scripts/" in path else 0o644)
        wheel = os.path.join(self.root, "wheelhouse", "{}-{}-py3-none-any.whl".format(name, version))
        os.makedirs(os.path.dirname(wheel), exist_ok=True)
        content = zipfile_wheel(files, tuple(path for path in files if ".data/scripts/" in path))
        with open(wheel, "wb") as file:
            file.write(content)
        digest = hashlib.sha256(content).hexdigest()
        dist_info = "{}-{}.dist-info".format(name, version)
        return dict(name=name, version=version, distInfo=dist_info, tree=tree, wheel=wheel, sha256=digest)

    def store_wheel(self, name: str, version: str) -> Dict[str, str]:
        """Writes the wheel as its RPM of layout `stored` has it, in place of any other version's; gives the manifest's fields."""
        files = wheel_files(name, version)
        content = zipfile_wheel(files, tuple(path for path in files if ".data/scripts/" in path))
        stored = os.path.join(self.root, "usr/lib/pinpack/reqset1", name + ".whl.stored")
        os.makedirs(os.path.dirname(stored), exist_ok=True)
        # By rename, as rpm does it.
        with open(stored + ";new", "wb") as file:
            file.write(content)
        os.rename(stored + ";new", stored)
        wheel = os.path.join(self.root, "var/lib/pinpack/reqset1/wheelhouse/{}-{}-py3-none-any.whl".format(name, version))
        dist_info = "{}-{}.dist-info".format(name, version)
        digest = hashlib.sha256(content).hexdigest()
        return dict(name=name, version=version, distInfo=dist_info, wheel=wheel, sha256=digest, stored=stored)

    def fields(self, *wheels: Dict[str, str]) -> Dict[str, Any]:
        fields = dict(
            format=1,
            name=os.path.basename(self.folder),
            reqset="reqset1",
            python=self.python,
            fill=self.fill,
            wheels=list(wheels),
            tools=self.tools,
        )  # type: Dict[str, Any]
        if self.layout != "tree":
            fields["layout"] = self.layout
        if self.bytecode:
            fields["bytecode"] = True
        return fields

    def make_application(self, *wheels: Dict[str, str]) -> Application:
        self.manifest = os.path.join(self.folder, "application.json")
        with open(self.manifest, "w") as file:
            json.dump(self.fields(*wheels), file, indent=2, sort_keys=True)
        return read_application(self.manifest)

    def run_home(self, code: str) -> str:
        """What the environment that serves prints."""
        python = os.path.join(self.folder, "venv", "bin", "python")
        return subprocess.check_output([python, "-IB", "-c", code], universal_newlines=True).strip()

    def environment_names(self) -> List[str]:
        return sorted(os.listdir(os.path.join(self.folder, "environments")))


class FakeFill:
    """Stands in for fill_process.FillProcess: the environment as the tools make it, of links and by hand, under any Python."""

    def __init__(self, application: Application, interpreter: str, work: str, scratch: str, lock: int) -> None:
        self.application = application
        self.work = work

    def __enter__(self) -> "FakeFill":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def finish(self) -> None:
        executable = os.path.realpath(sys.executable)
        site = os.path.join(self.work, "lib", "python" + PYTHON, "site-packages")
        for folder in (self.work, os.path.join(self.work, "bin"), os.path.join(self.work, "lib")):
            os.mkdir(folder)
        os.makedirs(site)
        os.symlink(executable, os.path.join(self.work, "bin", "python"))
        with open(os.path.join(self.work, "pyvenv.cfg"), "w") as file:
            file.write("home = {}\nversion = {}\n".format(os.path.dirname(executable), PYTHON))
        for wheel in self.application.wheels:
            link_by_hand(wheel.tree, wheel.dist_info, site)


def link_by_hand(tree: str, dist_info: str, site: str) -> None:
    rows = []
    for row in Tree(tree, dist_info).read_rows():
        target = os.path.join(os.fsencode(site), row.name.encode("utf-8"))
        if row.digest is None or ".data/" in row.name:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.link(os.path.join(os.fsencode(tree), row.name.encode("utf-8")), target)
        rows.append((row.name, "sha256=" + encode_digest(row.digest), str(row.size)))
    with open(os.path.join(site, dist_info, "RECORD"), "wb") as file:
        file.write(record_of(rows + [(dist_info + "/RECORD", "", "")]))


class FakeFillTestCase(ApplicationTestCase):
    """With the fake, so that everything around the filling is tried under every Python."""

    def setUp(self) -> None:
        super().setUp()
        for name, value in (("FillProcess", FakeFill), ("find_interpreter", lambda python: sys.executable)):
            patch = mock.patch.object(environment, name, value)
            patch.start()
            self.addCleanup(patch.stop)
