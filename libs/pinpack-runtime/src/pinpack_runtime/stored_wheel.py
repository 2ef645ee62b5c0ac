"""The stored wheel: the canonical wheel as one file, as wheel RPMs of layout `stored` install it (see zip_format).

Its digest is compared first, on the same open file that is read afterwards.
"""

import contextlib
import os
import zipfile
import zlib

from typing import Any, Iterator, List, Optional

from .content import check_content
from .digest import digest_of
from .errors import RuntimeProblem
from .folder import CHUNK_BYTES, READ_LIMIT, Folder, NotRegularFile
from .openat import is_trusted, write_all
from .record import RecordRow, parse_record, reinstall_step
from .tree import describe_owner

# zipfile raises these for a damaged file, depending on the damage.
DAMAGES = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, ValueError, RuntimeError)


class StoredWheel:
    """An open stored wheel; the same methods as `tree.Tree`."""

    def __init__(self, path: str, dist_info: str, sha256: str) -> None:
        """Raises a RuntimeProblem if the wheel is missing or has another digest."""
        self.path = path
        self.dist_info = dist_info
        try:
            with Folder.open(os.path.dirname(path)) as folder:
                self._file = os.fdopen(folder.open_file(os.path.basename(path)), "rb")
        except (FileNotFoundError, NotADirectoryError):
            raise _damaged(path, "it is missing")
        except NotRegularFile:
            raise _damaged(path, "it is not a regular file")
        self._archive = None  # type: Any
        status = os.fstat(self._file.fileno())
        if not is_trusted(status):
            raise _damaged(path, "it " + describe_owner(status))
        found = digest_of(self._file.fileno())
        if found != sha256:
            raise _damaged(path, "it has sha256 " + found)
        with self._describing():
            self._archive = zipfile.ZipFile(self._file)

    def __del__(self) -> None:
        for each in (getattr(self, "_archive", None), getattr(self, "_file", None)):
            if each is not None:
                each.close()

    def read_rows(self) -> List[RecordRow]:
        """RECORD's files."""
        return parse_record(self.read(self.dist_info + "/RECORD"), self.dist_info, self.path)

    def read(self, name: str) -> bytes:
        with self._describing(), self._archive.open(name) as file:
            data = file.read(READ_LIMIT + 1)
        if len(data) > READ_LIMIT:
            raise _damaged(self.path, "{} has more than {} bytes".format(name, READ_LIMIT))
        return data

    def starts_with(self, name: str, prefix: bytes) -> bool:
        with self._describing(), self._archive.open(name) as file:
            return file.read(len(prefix)) == prefix

    @contextlib.contextmanager
    def files(self, folder: str) -> "Iterator[StoredFiles]":
        """See Tree.files."""
        yield StoredFiles(self, folder)

    def copy(self, path: str, row: RecordRow, target: int) -> bool:
        """Unpacks a file to a descriptor; true if the file is executable."""
        with self._describing(), self._archive.open(path) as file:
            check_content(iter(lambda: file.read(CHUNK_BYTES), b""), row, lambda chunk: write_all(target, chunk))
        return bool((self._archive.getinfo(path).external_attr >> 16) & 0o111)

    @contextlib.contextmanager
    def _describing(self) -> Iterator[None]:
        try:
            yield
        except DAMAGES as error:
            raise _damaged(self.path, str(error))


class StoredFiles:
    """The files of one folder of a stored wheel; the same methods as `tree.TreeFiles`."""

    def __init__(self, wheel: StoredWheel, folder: str) -> None:
        self._wheel = wheel
        self._folder = folder

    def copy(self, name: str, row: RecordRow, target: int) -> bool:
        return self._wheel.copy(self._folder + "/" + name if self._folder else name, row, target)

    def link(self, name: str, row: RecordRow, target: Folder, mode: Optional[int]) -> Optional[int]:
        """None: a file within the wheel cannot be linked."""
        return None


def _damaged(path: str, found: str) -> RuntimeProblem:
    return RuntimeProblem("STORED_DAMAGED", path, [found], "the wheel as its RPM installed it", reinstall_step(path))
