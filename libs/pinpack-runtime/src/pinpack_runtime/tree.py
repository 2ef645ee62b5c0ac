"""The unzipped wheel as the wheel RPM installs it. Only what RECORD names is looked at: during an upgrade rpm still has
the old version's files in the same folder.
"""

import errno
import hashlib
import os
import stat
import zlib

from typing import BinaryIO, Callable, Dict, Iterator, List, NamedTuple

from .errors import RuntimeProblem, problem_from_os_error
from .record import RecordRow, encode_digest, parse_record, reinstall_step
from .zip_format import ZipEntry

CHUNK_BYTES = 1 << 20
# RECORD is held in memory; the largest wheels have some 20,000 files, a few MB of RECORD.
RECORD_LIMIT = 1 << 28


class CheckedTree(NamedTuple):
    """What RECORD names, checked: `entries` (sorted, complete only where `issues` is empty) and one line for each fault."""

    entries: List[ZipEntry]
    issues: List[str]


class _Unusable(Exception):
    """One file that is not what RECORD says; the text says why."""


class Tree:
    """The folder of one unzipped wheel. Paths go to the system as UTF-8 bytes, whatever the locale is."""

    def __init__(self, folder: str, dist_info: str) -> None:
        self.folder = folder
        self.dist_info = dist_info
        self.record_path = os.path.join(folder, dist_info, "RECORD")
        self._root = os.path.realpath(os.fsencode(folder))
        self._resolved = {}  # type: Dict[bytes, bytes]

    def read_rows(self) -> List[RecordRow]:
        """RECORD's files; a RuntimeProblem where RECORD is missing or wrong."""
        try:
            with self._open(self.dist_info + "/RECORD") as file:
                data = file.read(RECORD_LIMIT + 1)
        except _Unusable as error:
            raise RuntimeProblem(
                "RECORD_MISSING",
                self.record_path,
                [str(error)],
                "the RECORD of the wheel that was installed there",
                reinstall_step(self.folder),
            )
        if len(data) > RECORD_LIMIT:
            raise self.damaged(["{}/RECORD is larger than {} bytes".format(self.dist_info, RECORD_LIMIT)])
        return parse_record(data, self.dist_info, self.record_path)

    def check(self, rows: List[RecordRow]) -> CheckedTree:
        """Reads every file once and compares it with its row. Collects every fault."""
        entries = []  # type: List[ZipEntry]
        issues = self._check_each(rows, lambda row: entries.append(self._check_file(row, zlib.crc32)))
        return CheckedTree(entries, issues)

    def find_issues(self, rows: List[RecordRow]) -> List[str]:
        """The faults that `check` collects, for who makes no wheel: the CRCs of one take a third of the time."""
        return self._check_each(rows, lambda row: self._check_file(row, lambda chunk, crc: 0))

    def _check_each(self, rows: List[RecordRow], check: Callable[[RecordRow], object]) -> List[str]:
        issues = []
        for row in rows:
            try:
                check(row)
            except _Unusable as error:
                issues.append("{} {}".format(row.name, error))
        return issues

    def damaged(self, issues: List[str]) -> RuntimeProblem:
        return RuntimeProblem(
            "TREE_DAMAGED", self.folder, issues, "the files as RECORD has them", reinstall_step(self.record_path)
        )

    def read_content(self, entry: ZipEntry) -> Iterator[bytes]:
        """The file's bytes, never more than `entry.size`; that they are the checked ones is left to the wheel's digest."""
        left = entry.size
        try:
            with self._open(entry.name) as file:
                while left > 0:
                    chunk = file.read(min(CHUNK_BYTES, left))
                    if not chunk:
                        raise _Unusable("became shorter while it was read")
                    left -= len(chunk)
                    yield chunk
        except _Unusable as error:
            raise self.damaged(["{} {}".format(entry.name, error)])

    def _check_file(self, row: RecordRow, digest_crc: Callable[[bytes, int], int]) -> ZipEntry:
        with self._open(row.name) as file:
            status = os.fstat(file.fileno())
            if row.size is not None and row.size != status.st_size:
                raise _Unusable("has {} bytes, recorded are {}".format(status.st_size, row.size))
            hasher = hashlib.new(row.algorithm) if row.algorithm else None
            crc = size = 0
            for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
                crc, size = digest_crc(chunk, crc), size + len(chunk)
                if hasher:
                    hasher.update(chunk)
        if hasher and hasher.digest() != row.digest:
            raise _Unusable(_digest_fault(row, hasher.digest()))
        return ZipEntry(row.name, size, crc & 0xFFFFFFFF, bool(status.st_mode & 0o111))

    def _open(self, name: str) -> BinaryIO:
        """The regular file `name` of the tree, which no symbolic link leads out of."""
        encoded = name.encode("utf-8")
        path = os.path.join(self._root, encoded)
        try:
            folder = self._resolve(os.path.dirname(path))
            if os.path.islink(path):
                folder = os.path.dirname(os.path.realpath(path))
            if folder != self._root and not folder.startswith(self._root.rstrip(b"/") + b"/"):
                raise _Unusable("leaves the tree through a symbolic link")
            return _open_regular(path)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                raise _Unusable("is missing")
            if error.errno in (errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR):
                raise _Unusable("is not a regular file")
            raise problem_from_os_error(error, self.folder)

    def _resolve(self, folder: bytes) -> bytes:
        if folder not in self._resolved:
            self._resolved[folder] = os.path.realpath(folder)
        return self._resolved[folder]


def _open_regular(path: bytes) -> BinaryIO:
    # Without O_NONBLOCK a FIFO in the tree would hang the scriptlet, and rpm with it.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Unusable("is not a regular file")
        return os.fdopen(descriptor, "rb", buffering=0)
    except BaseException:
        os.close(descriptor)
        raise


def _digest_fault(row: RecordRow, found: bytes) -> str:
    return "has {0}={2}, recorded is {0}={1}".format(row.algorithm, encode_digest(row.digest), encode_digest(found))
