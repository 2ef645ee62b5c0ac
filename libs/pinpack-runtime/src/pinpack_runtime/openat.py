"""System calls relative to an open folder (openat(2) with O_NOFOLLOW): the low-level part of `folder`.

Names are single parts of a path, as bytes.
"""

import contextlib
import errno
import functools
import itertools
import os
import stat

from typing import Iterator, List

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a FIFO would wait for a writer, and rpm for the scriptlet.
READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
CREATE_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER_MODE = 0o755
# Most files of Python are smaller.
SMALL_BYTES = 1 << 16
CHUNK_BYTES = 1 << 20
UNUSABLE_PARTS = frozenset((b"", b".", b".."))


class NotRegularFile(OSError):
    """A folder, symbolic link, FIFO, socket or device where a file was expected."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EINVAL, "it is not a regular file", path)


class MountPoint(OSError):
    """Another file system is mounted on a folder that was to be removed."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EBUSY, "a file system is mounted there", path)


class open_descriptor:
    """Closes the descriptor at the end. A class, because contextlib takes as long as a system call."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> int:
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def split_name(name: str) -> List[bytes]:
    """The parts of a relative path; an OSError for any other path."""
    return check_name(name).split(b"/")


# Each name is used for several calls.
@functools.lru_cache(maxsize=1 << 14)
def check_name(name: str) -> bytes:
    """A relative path as the system takes it; an OSError for any other path."""
    data = encode(name)
    if b"\0" in data or not UNUSABLE_PARTS.isdisjoint(data.split(b"/")):
        raise OSError(errno.EINVAL, "it is not a plain relative path", name)
    return data


def is_trusted(status: os.stat_result) -> bool:
    """Whether only root, or the user that runs this, can change the file or folder."""
    is_own = status.st_uid == 0 or status.st_uid == os.geteuid()
    return is_own and not (status.st_mode & 0o022 and not stat.S_ISLNK(status.st_mode))


def read_at_most(descriptor: int, count: int) -> bytes:
    """The next bytes of a file."""
    data = os.read(descriptor, min(SMALL_BYTES, count))
    # A shorter read has found the end of the file.
    if len(data) < SMALL_BYTES:
        return data
    chunks = [data]
    left = count - len(data)
    while left > 0:
        data = os.read(descriptor, min(CHUNK_BYTES, left))
        if not data:
            break
        chunks.append(data)
        left -= len(data)
    return b"".join(chunks)


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def open_part(holder: int, part: bytes, create: bool, shown: str) -> int:
    try:
        try:
            return os.open(part, FOLDER_FLAGS, dir_fd=holder)
        except FileNotFoundError:
            if not create:
                raise
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, 0o700, dir_fd=holder)
        descriptor = os.open(part, FOLDER_FLAGS, dir_fd=holder)
        try:
            # For any umask of the caller: all users must be able to run the application.
            os.fchmod(descriptor, FOLDER_MODE)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor
    except OSError as error:
        raise named(error, shown)


def take_ownership(descriptor: int, mode: int) -> None:
    status = os.fstat(descriptor)
    if not is_trusted(status):
        os.fchown(descriptor, os.geteuid(), os.getegid())
    if stat.S_IMODE(status.st_mode) != mode:
        os.fchmod(descriptor, mode)


def unlink(holder: int, part: bytes) -> bool:
    """Removes a name that is not a folder; false if it is one."""
    try:
        os.unlink(part, dir_fd=holder)
    except FileNotFoundError:
        pass
    except (IsADirectoryError, PermissionError):
        # POSIX allows EPERM for a folder.
        if not stat.S_ISDIR(os.stat(part, dir_fd=holder, follow_symlinks=False).st_mode):
            raise
        return False
    return True


def remove_folder(holder: int, part: bytes, shown: str) -> None:
    """Removes a folder with its content. Moves deeper folders up instead of recursing, so that no depth exhausts stack or descriptors."""
    numbers = itertools.count()
    with _open_for_removal(holder, part, shown) as top:
        names = _names(top)
        while names:
            for name in names:
                if unlink(top, name) or _rmdir(top, name):
                    continue
                with _open_for_removal(top, name, shown) as folder:
                    for inner in _names(folder):
                        if not unlink(folder, inner) and not _rmdir(folder, inner):
                            _move_up(folder, inner, top, numbers)
                os.rmdir(name, dir_fd=top)
            names = _names(top)
    os.rmdir(part, dir_fd=holder)


@contextlib.contextmanager
def _open_for_removal(holder: int, part: bytes, shown: str) -> Iterator[int]:
    with open_descriptor(os.open(part, FOLDER_FLAGS, dir_fd=holder)) as folder:
        status = os.fstat(folder)
        if status.st_dev != os.fstat(holder).st_dev:
            raise MountPoint(shown)
        if not is_trusted(status):
            # Otherwise its owner could continue to create files there.
            take_ownership(folder, 0o700)
        yield folder


def _move_up(folder: int, name: bytes, top: int, numbers: Iterator[int]) -> None:
    """numbers: those that were not tried before."""
    for number in numbers:
        try:
            os.rename(name, ".removing.{}".format(number).encode("ascii"), src_dir_fd=folder, dst_dir_fd=top)
            return
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise


def _names(folder: int) -> List[bytes]:
    return [os.fsencode(name) for name in os.listdir(folder)]


def _rmdir(holder: int, part: bytes) -> bool:
    try:
        os.rmdir(part, dir_fd=holder)
        return True
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY):
            return False
        raise


def named(error: OSError, path: str) -> OSError:
    """The error with the whole path: calls relative to a folder report only a part of it, as bytes."""
    if not isinstance(error.filename, str):
        error.filename = path
    return error


def encode(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def decode(name: "bytes") -> str:
    data = name if isinstance(name, bytes) else os.fsencode(name)
    return data.decode("utf-8", "surrogateescape")
