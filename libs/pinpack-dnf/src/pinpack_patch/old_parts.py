"""The old version of a package as a patch refers to it: its header, then its payload, made again from the installed files."""

import bisect
import os
import stat

from typing import Iterator, List, Optional, Tuple, Union

from .check_payload import check_payload
from .problem import PatchProblem
from .rpm_header import HeaderFile, list_files

_PIECE = 1 << 20
_TRAILER = b"TRAILER!!!"


class _InstalledFile:
    """The content of a file, or the target of a symlink, of the given size."""

    def __init__(self, path: bytes, size: int) -> None:
        self.path = path
        self.size = size


_Part = Union[bytes, _InstalledFile]


class OldParts:
    """Reads any bytes of header and payload. The payload is a cpio archive ("newc") with the fields that pinpack writes."""

    def __init__(self, header: bytes, root: bytes) -> None:
        self._starts = []  # type: List[int]
        self._parts = []  # type: List[_Part]
        self._open = None  # type: Optional[Tuple[bytes, int]]
        self.header_size = len(header)
        self.size = 0
        self._add(header)
        if header:
            for file in list_files(header):
                self._add_member(file, root)
            self._add(_member(_TRAILER, 0, 0, 0))

    def check_payload(self, sha256: str) -> None:
        """Raises PatchProblem if an installed file differs from the package's."""
        check_payload(self, sha256, "installed files of the package were changed: rpm -V shows which")

    def pieces(self, position: int, length: int) -> Iterator[bytes]:
        """The bytes from a position on, in pieces of at most a megabyte."""
        if position < 0 or length < 0 or position + length > self.size:
            raise PatchProblem("the patch refers to bytes that the installed package does not have")
        at = bisect.bisect_right(self._starts, position) - 1
        while length > 0:
            part = self._parts[at]
            offset = position - self._starts[at]
            size = len(part) if isinstance(part, bytes) else part.size
            wanted = min(size - offset, length, _PIECE)
            if wanted > 0:
                yield part[offset : offset + wanted] if isinstance(part, bytes) else self._read(part, offset, wanted)
            position += wanted
            length -= wanted
            if offset + wanted == size:
                at += 1

    def close(self) -> None:
        if self._open is not None:
            os.close(self._open[1])
            self._open = None

    def _add(self, part: _Part) -> None:
        self._starts.append(self.size)
        self._parts.append(part)
        self.size += len(part) if isinstance(part, bytes) else part.size

    def _add_member(self, file: HeaderFile, root: bytes) -> None:
        kind = stat.S_IFMT(file.mode)
        size = file.size if kind == stat.S_IFREG else len(file.target)
        self._add(_member(b"." + file.path, file.mode, file.mtime, size))
        if kind == stat.S_IFREG:
            self._add(_InstalledFile(root.rstrip(b"/") + file.path, size))
            self._add(bytes(-size % 4))
        else:
            self._add(file.target + bytes(-size % 4))

    def _read(self, file: _InstalledFile, offset: int, length: int) -> bytes:
        if self._open is None or self._open[0] != file.path:
            self.close()
            self._open = (file.path, _open_regular(file))
        data = os.pread(self._open[1], length, offset)
        if len(data) != length:
            raise PatchProblem("{} changed while it was read".format(_shown(file.path)))
        return data


def _open_regular(file: _InstalledFile) -> int:
    try:
        # A FIFO in the file's place must not block.
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise PatchProblem("{}: {}".format(_shown(file.path), error.strerror))
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_size == file.size:
        return descriptor
    os.close(descriptor)
    raise PatchProblem("{} was changed: it is not a file of {} bytes".format(_shown(file.path), file.size))


def _member(name: bytes, mode: int, mtime: int, size: int) -> bytes:
    """Header and name, padded."""
    fields = (0, mode, 0, 0, 1, mtime, size, 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + "".join("{:08x}".format(field) for field in fields).encode("ascii") + name + b"\0"
    return head + bytes(-len(head) % 4)


def _shown(path: bytes) -> str:
    return ascii(os.fsdecode(path))[1:-1]
