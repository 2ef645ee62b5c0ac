"""The unzipped wheel as the wheel RPM installs it. Only files that RECORD names are read: during an upgrade rpm still has the old
version's files in the same folder.
"""

import contextlib
import errno
import os
import zlib

from typing import Callable, Iterator, List, NamedTuple, Optional

from .content import UnusableFile, check_content, check_size, copy_content
from .errors import RuntimeProblem, problem_from_os_error
from .folder import CHUNK_BYTES, READ_LIMIT, Folder
from .openat import is_trusted, open_descriptor
from .record import RecordRow, parse_record, reinstall_step
from .zip_format import ZipEntry


class CheckedTree(NamedTuple):
    """Files that RECORD names, checked: `entries` (sorted, complete only where `issues` is empty) and one line for each fault."""

    entries: List[ZipEntry]
    issues: List[str]


class Tree:
    """The folder of one unzipped wheel. Not for several threads at once, but for `copying`."""

    def __init__(self, folder: str, dist_info: str) -> None:
        self.folder = folder
        self.dist_info = dist_info
        self.record_path = os.path.join(folder, dist_info, "RECORD")
        self._root = None  # type: Optional[Folder]
        # Rows are sorted, so most files are in the folder of the one before.
        self._last = ("", None)  # type: tuple

    def read_rows(self) -> List[RecordRow]:
        """RECORD's files; a RuntimeProblem where RECORD is missing or wrong."""
        try:
            data = self.read(self.dist_info + "/RECORD")
        except UnusableFile as error:
            raise RuntimeProblem(
                "RECORD_MISSING",
                self.record_path,
                [str(error)],
                "the RECORD of the wheel that was installed there",
                reinstall_step(self.folder),
            )
        return parse_record(data, self.dist_info, self.record_path)

    def read(self, name: str) -> bytes:
        """The content of a file that is held in memory."""
        with open_descriptor(self._open(name)) as descriptor:
            data = b"".join(_chunks_of(descriptor, READ_LIMIT + 1))
        if len(data) > READ_LIMIT:
            raise UnusableFile("has more than {} bytes".format(READ_LIMIT))
        return data

    def starts_with(self, name: str, prefix: bytes) -> bool:
        with open_descriptor(self._open(name)) as descriptor:
            return os.read(descriptor, len(prefix)) == prefix

    def check(self, rows: List[RecordRow]) -> CheckedTree:
        """Reads every file once and compares it with its row. Collects every fault."""
        entries, issues = [], []
        for row in rows:
            try:
                entries.append(self._check_file(row))
            except UnusableFile as error:
                issues.append("{} {}".format(row.name, error))
        return CheckedTree(entries, issues)

    def damaged(self, issues: List[str]) -> RuntimeProblem:
        return RuntimeProblem(
            "TREE_DAMAGED", self.folder, issues, "the files as RECORD has them", reinstall_step(self.record_path)
        )

    def read_content(self, entry: ZipEntry) -> Iterator[bytes]:
        """The file's bytes, never more than `entry.size`; the wheel's digest covers that they are the checked ones."""
        try:
            with open_descriptor(self._open(entry.name)) as descriptor:
                size = 0
                for chunk in _chunks_of(descriptor, entry.size):
                    size += len(chunk)
                    yield chunk
            if size < entry.size:
                raise UnusableFile("became shorter while it was read")
        except UnusableFile as error:
            raise self.damaged(["{} {}".format(entry.name, error)])

    @contextlib.contextmanager
    def copying(self, folder: str) -> "Iterator[Callable[[str, RecordRow, int], bool]]":
        """Gives a function that copies a file of `folder`, by its last name, to a descriptor; true where it is executable."""
        with self._enter(folder) as holder:

            def copy(name: str, row: RecordRow, target: int) -> bool:
                with _describing(holder.path), open_descriptor(holder.open_file(name)) as source:
                    status = os.fstat(source)
                    if not is_trusted(status):
                        raise UnusableFile(describe_owner(status))
                    copy_content(source, target, row)
                return bool(status.st_mode & 0o111)

            yield copy

    def _check_file(self, row: RecordRow) -> ZipEntry:
        sums = [0, 0]

        def add(chunk: bytes) -> None:
            sums[0], sums[1] = zlib.crc32(chunk, sums[0]), sums[1] + len(chunk)

        with open_descriptor(self._open(row.name)) as descriptor:
            status = os.fstat(descriptor)
            check_size(status.st_size, row)
            check_content(_chunks_of(descriptor), row, add)
        return ZipEntry(row.name, sums[1], sums[0] & 0xFFFFFFFF, bool(status.st_mode & 0o111))

    def _open(self, name: str) -> int:
        folder, _, last = name.rpartition("/")
        with _describing(self.folder):
            if self._last[1] is None or self._last[0] != folder:
                self._last = (folder, self._enter(folder))
            return self._last[1].open_file(last)

    def _enter(self, folder: str) -> Folder:
        with _describing(self.folder):
            if self._root is None:
                self._root = Folder.open(self.folder)
            return self._root.enter(folder)


def describe_owner(status: os.stat_result) -> str:
    """What is wrong with a file that others than root may have changed."""
    if status.st_uid not in (0, os.geteuid()):
        return "is owned by uid {}, expected root: its content cannot be trusted".format(status.st_uid)
    return "can be written by others than its owner (mode {:04o})".format(status.st_mode & 0o7777)


@contextlib.contextmanager
def _describing(subject: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise UnusableFile("is missing")
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise UnusableFile("is missing: a symbolic link or a file is in the place of its folder")
        if error.errno in (errno.EINVAL, errno.ENAMETOOLONG, errno.ENXIO):
            raise UnusableFile("is not a regular file")
        raise problem_from_os_error(error, subject)


def _chunks_of(descriptor: int, limit: Optional[int] = None) -> Iterator[bytes]:
    left = limit
    while left is None or left > 0:
        chunk = os.read(descriptor, CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
        if not chunk:
            return
        left = None if left is None else left - len(chunk)
        yield chunk
