"""The local repository: what it has, and how it changes without ever being incomplete."""

import fcntl
import hashlib
import os
import shutil

from typing import Dict, Iterable, List, NamedTuple

from pinpack_patch.download import Wanted, sha256_of
from pinpack_patch.old_rpm import read_rpm_header
from pinpack_patch.problem import PatchProblem

KEY = "RPM-GPG-KEY-pinpack"
REPOMD = "repodata/repomd.xml"
SIGNATURE = REPOMD + ".asc"
# Downloads and metadata of a run; what is complete is used by the next one.
_WORK = ".pinpack-fetch"


class OldFile(NamedTuple):
    """An RPM of the local repository, by the digest of its header."""

    path: str
    header: bytes


class Mirror:
    """Used by one process at a time."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.work = os.path.join(folder, _WORK)
        os.makedirs(self.work, exist_ok=True)
        self._lock = os.open(os.path.join(self.work, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PatchProblem("{} is being updated by another process".format(folder))

    def path(self, file: str) -> str:
        """Of a file of the repository; its folder exists."""
        path = os.path.join(self.folder, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def has(self, wanted: Wanted) -> bool:
        path = os.path.join(self.folder, wanted.path)
        try:
            return os.path.getsize(path) == wanted.size and sha256_of(path) == wanted.sha256
        except FileNotFoundError:
            return False

    def old_files(self) -> Dict[str, OldFile]:
        """The RPMs, by the sha256 of their header. Those that cannot be read are no help."""
        found = {}
        for path in self._files("packages"):
            try:
                with open(os.path.join(self.folder, path), "rb") as file:
                    header = read_rpm_header(file.fileno())
            except (OSError, PatchProblem):
                continue
            found[hashlib.sha256(header).hexdigest()] = OldFile(os.path.join(self.folder, path), header)
        return found

    def publish(self, repomd: bytes, signature: bytes) -> None:
        """Makes the new metadata, whose files are there, that of the repository."""
        for name, content in ((SIGNATURE, signature), (REPOMD, repomd)):
            temporary = os.path.join(self.work, os.path.basename(name))
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, self.path(name))

    def prune(self, kept: Iterable[str]) -> None:
        """Removes the files of earlier versions, and those of this run."""
        known = set(kept)
        for folder in ("repodata", "packages", "patches"):
            for path in self._files(folder):
                if path not in known:
                    os.unlink(os.path.join(self.folder, path))
        shutil.rmtree(self.work)

    def _files(self, folder: str) -> List[str]:
        """Relative to the repository."""
        found = []
        for parent, _folders, names in os.walk(os.path.join(self.folder, folder)):
            found += [os.path.relpath(os.path.join(parent, name), self.folder) for name in names]
        return found
