"""The unzipped wheel as the wheel RPM installs it. Only files that RECORD names are read: during an upgrade, files of the
old version are still in the same folder.
"""

import contextlib
import errno
import hashlib
import os
import stat
import zlib

from typing import Dict, Iterator, List, NamedTuple, Optional, Set

from .content import UnusableFile, check_content, check_file, check_size, copy_content
from .digest_cache import DigestCache
from .errors import RuntimeProblem, problem_from_os_error
from .folder import CHUNK_BYTES, READ_LIMIT, Folder
from .openat import is_trusted, open_descriptor, read_at_most
from .record import RecordRow, parse_record, reinstall_step
from .replacement import LINK_REFUSALS
from .zip_format import ZipEntry


RECENT_FOLDERS = 4


class CheckedTree(NamedTuple):
    """Files that RECORD names, checked: `entries` (sorted, complete only if `issues` is empty), and one line for each issue."""

    entries: List[ZipEntry]
    issues: List[str]


class LinkedFile(NamedTuple):
    """A hard link: its mode, and its status if its content must be compared yet; None if it is known."""

    mode: int
    unchecked: Optional[os.stat_result]


class TreeFiles:
    """The files of one folder of a tree."""

    def __init__(self, folder: Folder, cache: Optional[DigestCache]) -> None:
        self._folder = folder
        self._cache = cache

    def copy(self, name: str, row: RecordRow, target: int) -> bool:
        """Copies a file to a descriptor; true if the file is executable."""
        with _Describing(self._folder.path), open_descriptor(self._folder.open_file(name)) as source:
            status = os.fstat(source)
            check_owner(status)
            copy_content(source, target, row)
        return bool(status.st_mode & 0o111)

    def link(self, name: str, row: RecordRow, target: Folder, mode: Optional[int]) -> Optional[LinkedFile]:
        """Makes a hard link to a file. None if `mode` is another one, or if the system refuses the link.

        The content is compared later, with `Tree.check_linked`, if the cache does not know it.
        """
        with _Describing(self._folder.path):
            before = self._folder.own_status(name) if self._cache and row.name in self._cache.known else None
            try:
                self._folder.link_own(name, target)
            except OSError as error:
                if error.errno not in LINK_REFUSALS:
                    raise
                return None
            # What was linked counts, not what was there before. Nobody else can change the new name.
            status = target.own_status(name)
            if not stat.S_ISREG(status.st_mode):
                raise UnusableFile("is not a regular file")
            check_owner(status)
            found = stat.S_IMODE(status.st_mode)
            if found not in (0o644, 0o755) or mode not in (None, found):
                target.remove(name)
                return None
        is_known = before is not None and self._cache is not None and self._cache.confirm(row.name, before, status)
        return LinkedFile(found, None if is_known else status)


class Tree:
    """The folder of one unzipped wheel. `files` and `check_linked` can be used in several threads at once, the other methods cannot.

    is_checked: files and folders that users other than root can change are refused. cache: of files that earlier runs digested.
    """

    def __init__(self, folder: str, dist_info: str, is_checked: bool = False) -> None:
        self.folder = folder
        self.dist_info = dist_info
        self.is_checked = is_checked
        self.cache = None  # type: Optional[DigestCache]
        self.record_sha256 = ""
        self._checked = set()  # type: Set[str]
        self.record_path = os.path.join(folder, dist_info, "RECORD")
        self._root = None  # type: Optional[Folder]
        # Rows are sorted, so most files are in one of the folders of the previous ones: modules and their bytecode take turns.
        self._recent = {}  # type: Dict[str, Folder]

    def read_rows(self) -> List[RecordRow]:
        """RECORD's files; a RuntimeProblem if RECORD is missing or invalid."""
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
        self.record_sha256 = hashlib.sha256(data).hexdigest()
        return parse_record(data, self.dist_info, self.record_path)

    def read(self, name: str) -> bytes:
        """The content of a file."""
        with open_descriptor(self._open(name)) as descriptor:
            data = read_at_most(descriptor, READ_LIMIT + 1)
        if len(data) > READ_LIMIT:
            raise UnusableFile("has more than {} bytes".format(READ_LIMIT))
        return data

    def starts_with(self, name: str, prefix: bytes) -> bool:
        with open_descriptor(self._open(name)) as descriptor:
            return os.read(descriptor, len(prefix)) == prefix

    def check(self, rows: List[RecordRow]) -> CheckedTree:
        """Reads every file once and compares it with its row. Collects every issue."""
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
        """The file's content, at most `entry.size` bytes. The digest of the wheel detects a change since the check."""
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
    def files(self, folder: str) -> Iterator[TreeFiles]:
        """The files of a folder of the tree, for the environment."""
        with self._enter(folder) as holder:
            yield TreeFiles(holder, self.cache)

    def check_linked(self, folder: Folder, name: str, row: RecordRow, status: os.stat_result) -> None:
        """Compares a link that `TreeFiles.link` made in `folder` with its row."""
        with _Describing(self.folder), open_descriptor(folder.open_own_file(name)) as descriptor:
            check_file(descriptor, status.st_size, row)

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
        with _Describing(self.folder):
            descriptor = self._recent_folder(folder).open_file(last)
            try:
                if self.is_checked:
                    check_owner(os.fstat(descriptor))
            except UnusableFile:
                os.close(descriptor)
                raise
            return descriptor

    def _recent_folder(self, folder: str) -> Folder:
        found = self._recent.get(folder)
        if found is None:
            if len(self._recent) >= RECENT_FOLDERS:
                self._recent.clear()
            found = self._recent[folder] = self._enter(folder)
        return found

    def _enter(self, folder: str) -> Folder:
        with _Describing(self.folder):
            if self._root is None:
                if self.is_checked:
                    self._check_parents()
                self._root = Folder.open(self.folder)
            if self.is_checked:
                self._check_folders(self._root, folder)
            # Every folder above was found to be root's, and no link.
            return self._root.enter_own(folder) if self.is_checked else self._root.enter(folder)

    def _check_parents(self) -> None:
        """The folders of the reqset and of all reqsets; those above belong to the operating system."""
        reqset = os.path.dirname(self.folder)
        for path in (os.path.dirname(reqset), reqset):
            with Folder.open(path) as holder:
                check_owner(os.fstat(holder.descriptor), "is in the folder {}, which ".format(path))

    def _check_folders(self, root: Folder, folder: str) -> None:
        parts = folder.split("/") if folder else []
        for path in [""] + ["/".join(parts[: index + 1]) for index in range(len(parts))]:
            if path not in self._checked:
                # Only root can replace a part of the path: the folders above were checked before.
                status = root.own_status(path)
                if not stat.S_ISDIR(status.st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), root.path_of(path))
                check_owner(status, "is in the folder {}, which ".format(root.path_of(path)))
                self._checked.add(path)


def check_owner(status: os.stat_result, start: str = "") -> None:
    """Raises UnusableFile if users other than root can change the file or folder."""
    if not is_trusted(status):
        raise UnusableFile(start + describe_owner(status))


def describe_owner(status: os.stat_result) -> str:
    """Describes why a file or folder is not trusted."""
    if status.st_uid not in (0, os.geteuid()):
        return "is owned by uid {}, expected root: its content cannot be trusted".format(status.st_uid)
    return "can be written by others than its owner (mode {:04o})".format(status.st_mode & 0o7777)


class _Describing:
    """Replaces system errors by the issue of the file, or by a problem of `subject`. Not of contextlib: see open_descriptor."""

    def __init__(self, subject: str) -> None:
        self._subject = subject

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: Optional[BaseException], _trace: object) -> None:
        if not isinstance(error, OSError):
            return
        if error.errno == errno.ENOENT:
            raise UnusableFile("is missing")
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise UnusableFile("is missing: a symbolic link or a file is in the place of its folder")
        if error.errno in (errno.EINVAL, errno.ENAMETOOLONG, errno.ENXIO):
            raise UnusableFile("is not a regular file")
        raise problem_from_os_error(error, self._subject)


def _chunks_of(descriptor: int, limit: Optional[int] = None) -> Iterator[bytes]:
    left = limit
    while left is None or left > 0:
        chunk = os.read(descriptor, CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
        if not chunk:
            return
        left = None if left is None else left - len(chunk)
        yield chunk
