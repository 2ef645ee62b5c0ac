"""Applications made in code: a manifest, and the wheels of small projects, as RPMs install them below a temporary root."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from typing import Any, Dict, List, Optional

from wheel_fixture import digest_of, record_of, zipfile_wheel

from pinpack_runtime.application import Application, read_application
from pinpack_runtime.interpreter import INTERPRETER_FOLDERS

Files = Dict[str, bytes]


def find_python() -> Optional[str]:
    """The newest of the system's Pythons that environments can be made for, as "3.11"."""
    for minor in range(14, 6, -1):
        if any(os.access("{}/python3.{}".format(folder, minor), os.X_OK) for folder in INTERPRETER_FOLDERS):
            return "3.{}".format(minor)
    return None


def wheel_files(name: str, version: str, more: Optional[Files] = None) -> Files:
    """A wheel with everything that has a place of its own: module, script, entry point, data, header; and `more`."""
    stem = "{}-{}".format(name, version)
    info, data = stem + ".dist-info/", stem + ".data/"
    files = {
        name + "/__init__.py": "__version__ = {!r}\ndef main(): print({!r})\n".format(version, stem).encode("ascii"),
        name + "/later.py": "version = {!r}\n".format(version).encode("ascii"),
        name + "/gr\u00fc\u00dfe, all.txt": b"hello\n",
        name + "/tool.so": bytes(range(256)) * 400,
        data + "scripts/{}-script".format(name): b"#!python\nimport sys\nprint(sys.prefix)\n",
        data + "scripts/{}-shell".format(name): b"#!/bin/sh\necho shell\n",
        data + "data/share/{}.txt".format(name): b"shared\n",
        data + "headers/{}.h".format(name): b"#define A 1\n",
        info + "METADATA": "Metadata-Version: 2.1\nName: {}\nVersion: {}\n".format(name, version).encode("ascii"),
        info + "WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        info + "entry_points.txt": "[console_scripts]\n{0} = {0}:main\n".format(name).encode("ascii"),
    }
    files.update(more or {})
    rows = [(path, digest_of(content), str(len(content))) for path, content in files.items()]
    files[info + "RECORD"] = record_of(rows + [(info + "RECORD", "", "")])
    return files


class ApplicationTestCase(unittest.TestCase):
    """A temporary root; self.application is `demo-app` with the wheel first 1.0."""

    python = find_python() or ""
    fill = "link"
    layout = "tree"
    bytecode = False
    share_files = True

    def setUp(self) -> None:
        if not self.python:
            self.skipTest("none of Python 3.7 to 3.14 is in " + " and ".join(INTERPRETER_FOLDERS))
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="pinpack-test-"))
        os.chmod(self.root, 0o755)
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        # With it, files are not digested again that were just digested.
        os.mkdir(os.path.join(self.root, "run"))
        self.folder = os.path.join(self.root, "opt", "demo-app")
        os.makedirs(self.folder)
        self.first = self.install("first", "1.0")
        self.second = self.install("second", "2.0")
        self.application = self.make_application(self.first)

    def install(self, name: str, version: str, more: Optional[Files] = None) -> Dict[str, str]:
        """Installs a wheel in the layout of this test, as its RPM does, in place of another version; gives the manifest's fields."""
        files = wheel_files(name, version, more)
        content = zipfile_wheel(files, tuple(path for path in files if ".data/scripts/" in path))
        dist_info = "{}-{}.dist-info".format(name, version)
        wheel = os.path.join(self.root, "var/lib/pinpack/reqset1/wheelhouse/{}-{}-py3-none-any.whl".format(name, version))
        os.makedirs(os.path.dirname(wheel), exist_ok=True)
        fields = dict(name=name, version=version, distInfo=dist_info, wheel=wheel, sha256=hashlib.sha256(content).hexdigest())
        path = os.path.join(self.root, "usr/lib/pinpack/reqset1", name)
        if self.layout == "stored":
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self.replace(path + ".whl.stored", content)
            return dict(fields, stored=path + ".whl.stored")
        shutil.rmtree(path, ignore_errors=True)
        for file, data in files.items():
            full = os.path.join(os.fsencode(path), file.encode("utf-8"))
            os.makedirs(os.path.dirname(full), exist_ok=True)
            self.replace(full, data)
            os.chmod(full, 0o755 if ".data/scripts/" in file else 0o644)
        return dict(fields, tree=path)

    def replace(self, path: Any, data: bytes) -> None:
        """By rename, as rpm does it."""
        new = path + (b";new" if isinstance(path, bytes) else ";new")
        with open(new, "wb") as file:
            file.write(data)
        os.rename(new, path)

    def fields(self, *wheels: Dict[str, str]) -> Dict[str, Any]:
        fields = dict(format=1, name=os.path.basename(self.folder), reqset="reqset1", python=self.python, fill=self.fill)
        fields["wheels"] = list(wheels)
        if self.layout != "tree":
            fields["layout"] = self.layout
        if self.bytecode:
            fields["bytecode"] = True
        if not self.share_files:
            fields["shareFiles"] = False
        return fields

    def make_application(self, *wheels: Dict[str, str]) -> Application:
        self.manifest = os.path.join(self.folder, "application.json")
        self.replace(self.manifest, json.dumps(self.fields(*wheels), indent=2, sort_keys=True).encode("ascii"))
        return read_application(self.manifest)

    def run_home(self, code: str) -> str:
        """What the current environment prints."""
        python = os.path.join(self.folder, "venv", "bin", "python")
        return subprocess.check_output([python, "-I", "-c", code], universal_newlines=True).strip()

    def environment_names(self) -> List[str]:
        return sorted(os.listdir(self.application.environments))

    def inventory_names(self) -> List[str]:
        folder = os.path.join(self.root, "var/lib/pinpack/reqset1/environments")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def site_packages(self, *names: str) -> str:
        return os.path.join(self.application.environment, "lib", "python" + self.python, "site-packages", *names)


def snapshot(folder: str) -> Dict[str, str]:
    """Every file and link of a folder with mode and digest of its content, or its target."""
    found = {}
    for place, folders, names in os.walk(folder):
        for name in names + [name for name in folders if os.path.islink(os.path.join(place, name))]:
            path = os.path.join(place, name)
            if os.path.islink(path):
                found[os.path.relpath(path, folder)] = os.readlink(path)
                continue
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            found[os.path.relpath(path, folder)] = "{:o} {}".format(os.lstat(path).st_mode, digest)
    return found
