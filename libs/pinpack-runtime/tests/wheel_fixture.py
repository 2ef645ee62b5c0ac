"""Unzipped wheels made in code, and zipfile's own idea of the wheel that they give."""

import base64
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from typing import Dict, List, Optional, Tuple

LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LAUNCHER = os.path.join(LIBRARY, "bin", "pinpack-runtime")
sys.path.insert(0, os.path.join(LIBRARY, "src"))
sys.dont_write_bytecode = True

from pinpack_runtime.canonical_wheel import WheelPlace  # noqa: E402

DIST_INFO = "demo-1.0.dist-info"
RECORD = DIST_INFO + "/RECORD"
FILES = {
    "demo/__init__.py": b"__version__ = '1.0'\n",
    "demo/empty.py": b"",
    "demo/data, with a comma.txt": b"1,2\n",
    "demo/gr\u00fc\u00dfe \U0001f40d.txt": "h\u00e9\n".encode("utf-8"),
    "demo/tool.so": bytes(range(256)) * 5000,
    "demo-1.0.data/scripts/demo": b"#!python\n",
    DIST_INFO + "/METADATA": b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    DIST_INFO + "/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
EXECUTABLE = ("demo/tool.so", "demo-1.0.data/scripts/demo")


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    digest = hashlib.new(algorithm, data).digest()
    return algorithm + "=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def record_of(rows: List[Tuple[str, str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def rows_of(files: Dict[str, bytes]) -> List[Tuple[str, str, str]]:
    rows = [(name, digest_of(data), str(len(data))) for name, data in files.items()]
    return rows + [(RECORD, "", "")]


def zipfile_wheel(files: Dict[str, bytes], executable: Tuple[str, ...] = EXECUTABLE) -> bytes:
    """The wheel as this Python's zipfile writes it with the settings of the canonical wheel."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=lambda name: name.encode("utf-8")):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = (0o100755 if name in executable else 0o100644) << 16
            info.file_size = len(files[name])
            with archive.open(info, "w") as member:
                member.write(files[name])
    return target.getvalue()


class WheelTestCase(unittest.TestCase):
    """A temporary folder that is the root of a system, with one wheel RPM installed: demo of reqset1. Its wheelhouse is not there yet."""

    standard_input = ""

    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="pinpack-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.tree = os.path.join(self.folder, "usr/lib/pinpack/reqset1/demo")
        self.facts = os.path.join(self.folder, "usr/share/pinpack/reqset1/demo.json")
        self.wheelhouse = os.path.join(self.folder, "var/lib/pinpack/reqset1/wheelhouse")
        self.wheel = os.path.join(self.wheelhouse, "demo-1.0-py3-none-any.whl")
        self.files = dict(FILES)
        self.files[RECORD] = record_of(rows_of(FILES))
        for name, data in self.files.items():
            self.write(name, data, 0o755 if name in EXECUTABLE else 0o644)
        self.expected = zipfile_wheel(self.files)
        self.write_facts()

    def store(self) -> WheelPlace:
        """Makes it a wheel RPM of layout `stored`; gives its place."""
        shutil.rmtree(self.tree)
        stored = self.tree + ".whl.stored"
        with open(stored, "wb") as file:
            file.write(self.expected)
        self.write_facts(layout="stored")
        return WheelPlace("", DIST_INFO, self.wheel, hashlib.sha256(self.expected).hexdigest(), stored)

    def path(self, name: str) -> bytes:
        return os.path.join(os.fsencode(self.tree), name.encode("utf-8"))

    def write(self, name: str, data: bytes, mode: int = 0o644) -> None:
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data)
        os.chmod(self.path(name), mode)

    def write_facts(self, **changes: object) -> None:
        fields = dict(format=1, wheel=os.path.basename(self.wheel), distInfo=DIST_INFO, sha256=self.place().sha256)
        os.makedirs(os.path.dirname(self.facts), exist_ok=True)
        with open(self.facts, "w") as file:
            json.dump(dict(fields, **changes), file)

    def place(self, sha256: Optional[str] = None) -> WheelPlace:
        return WheelPlace(self.tree, DIST_INFO, self.wheel, sha256 or hashlib.sha256(self.expected).hexdigest())

    def read_wheel(self) -> bytes:
        with open(self.wheel, "rb") as file:
            return file.read()

    def run_launcher(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """The launcher under this Python, with the flags of its first line."""
        return subprocess.run(
            [sys.executable, "-IBS", LAUNCHER] + list(arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            input=self.standard_input,
            env=dict(os.environ, **environment),
        )
