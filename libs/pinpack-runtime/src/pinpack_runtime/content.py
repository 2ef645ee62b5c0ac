"""The content of one file of a wheel, compared with its row of RECORD while it is read."""

import contextlib
import errno
import fcntl
import hashlib
import os
import threading

from typing import Any, Callable, Iterator

from .folder import CHUNK_BYTES, Folder
from .openat import open_descriptor, write_all
from .record import RecordRow, encode_digest

# ioctl_ficlone(2): the files share their blocks until one of them is written.
FICLONE = 0x40049409
# One block: smaller files have nothing to share.
CLONED_BYTES = 1 << 12
# It fits into the processor's cache. A new megabyte for every read would be page faults.
BUFFER_BYTES = 1 << 18
_BUFFERS = threading.local()


class UnusableFile(Exception):
    """One file that differs from RECORD; the text gives the reason."""


def copy_content(source: int, target: int, row: RecordRow) -> None:
    """Copies one descriptor's content to another, and compares the copy with the row. Blocks are shared if the file system supports it.

    The copy is compared, not the original, so a later change of the original has no effect.
    """
    check_size(os.fstat(source).st_size, row)
    if os.fstat(source).st_size >= CLONED_BYTES and _clone(source, target):
        check_content(_chunks_of(target), row, lambda chunk: None)
    else:
        check_content(_chunks_of(source), row, lambda chunk: write_all(target, chunk))


def check_size(size: int, row: RecordRow) -> None:
    if row.size is not None and row.size != size:
        raise UnusableFile("has {} bytes, recorded are {}".format(size, row.size))


def check_file(descriptor: int, size: int, row: RecordRow) -> None:
    """Compares an open file of `size` bytes, at its beginning, with the row; raises UnusableFile."""
    check_size(size, row)
    if row.algorithm is None:
        return
    hasher = hashlib.new(row.algorithm)
    if size <= BUFFER_BYTES:
        data = os.read(descriptor, size)
        hasher.update(data)
        found = len(data)
    else:
        found = _digest_into(hasher, descriptor, size)
    check_size(found, row)
    _check_digest(hasher, row)


def _digest_into(hasher: Any, descriptor: int, size: int) -> int:
    """Digests at most `size` bytes; gives their number."""
    buffer = _buffer()
    found = 0
    while found < size:
        count = os.readv(descriptor, [buffer])
        if count == 0:
            break
        hasher.update(buffer[:count])
        found += count
    return found


def _buffer() -> memoryview:
    """A buffer of the thread."""
    buffer = getattr(_BUFFERS, "view", None)
    if buffer is None:
        buffer = _BUFFERS.view = memoryview(bytearray(BUFFER_BYTES))
    return buffer


def check_content(chunks: Iterator[bytes], row: RecordRow, use: Callable[[bytes], Any]) -> None:
    """Passes every chunk to `use`; raises UnusableFile at the end if size or digest differ."""
    hasher = hashlib.new(row.algorithm) if row.algorithm else None
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if row.size is not None and size > row.size:
            break
        if hasher:
            hasher.update(chunk)
        use(chunk)
    check_size(size, row)
    if hasher:
        _check_digest(hasher, row)


def _check_digest(hasher: Any, row: RecordRow) -> None:
    if hasher.digest() != row.digest:
        shown = [encode_digest(digest) for digest in (hasher.digest(), row.digest)]
        raise UnusableFile("has {0}={1}, recorded is {0}={2}".format(row.algorithm, *shown))


def can_clone(scratch: Folder) -> bool:
    """Whether the file system of an empty folder can share blocks between files. Leaves nothing in the folder."""
    names = ("source", "target")
    try:
        with contextlib.ExitStack() as stack:
            source, target = [stack.enter_context(open_descriptor(scratch.create_file(name))) for name in names]
            write_all(source, bytes(CLONED_BYTES))
            return _clone(source, target)
    finally:
        for name in names:
            scratch.remove(name)


def _clone(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, FICLONE, source)
        return True
    except OSError as error:
        # For any reason: two file systems, no support, a sandbox. Only a full or broken disk would also fail the copy.
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise
        return False


def _chunks_of(descriptor: int) -> Iterator[bytes]:
    return iter(lambda: os.read(descriptor, CHUNK_BYTES), b"")
