"""Writes files atomically: under a temporary name in the same folder, synchronized, then renamed."""

import errno
import fcntl
import itertools
import os
import stat

from typing import Callable, Iterable, Tuple

from .folder import CHUNK_BYTES, Folder
from .openat import open_descriptor, write_all

# Specific enough that any file with such a name can be removed.
TEMPORARY_PREFIX = ".pinpack-runtime-"
TEMPORARY_SUFFIX = ".part"
# Another file system, too many links, or a kernel or file system that refuses links.
LINK_REFUSALS = (errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP, errno.ENOSYS)


def write_replacement(path: str, chunks: Iterable[bytes], check: Callable[[], None], durable: bool = True) -> None:
    """Writes `chunks` to `path` with mode 0644 for any umask, and creates its folder if that is missing.

    `check` runs after the last chunk. If anything raises, `path` stays as it was and no temporary file remains.
    durable: synchronize the file to the disk, which takes the longest time.
    """
    with Folder.open(os.path.dirname(os.path.abspath(path)), create=True) as folder:
        remove_leftovers(folder)
        descriptor, temporary = _create_locked(folder)
        try:
            with open_descriptor(descriptor):
                for chunk in chunks:
                    write_all(descriptor, chunk)
                check()
                os.fchmod(descriptor, 0o644)
                if durable:
                    os.fsync(descriptor)
                folder.rename(temporary, folder, os.path.basename(path))
        except BaseException:
            folder.remove(temporary)
            raise
        if durable:
            folder.sync()


def link_replacement(source: str, path: str) -> None:
    """`path` becomes a hard link to `source`, by rename; a copy if the system refuses links.

    Both are in folders of root that contain no files of applications.
    """
    temporary = TEMPORARY_PREFIX + os.path.basename(path) + TEMPORARY_SUFFIX
    with Folder.open(os.path.dirname(os.path.abspath(path)), create=True) as folder:
        remove_leftovers(folder)
        with Folder.open(os.path.dirname(source)) as holder, open_descriptor(holder.open_file(os.path.basename(source))) as file:
            # The temporary name is the same file, so no other run regards it as abandoned.
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                holder.link(os.path.basename(source), folder, temporary)
                folder.rename(temporary, folder, os.path.basename(path))
            except OSError as error:
                if error.errno not in LINK_REFUSALS:
                    raise
                write_replacement(path, iter(lambda: os.read(file, CHUNK_BYTES), b""), lambda: None)
            finally:
                # rename(2) does nothing if both names are the same file.
                folder.remove(temporary)


def remove_leftovers(folder: Folder) -> None:
    """Removes the temporary files of killed runs, not those of active runs."""
    for name in folder.names():
        if name.startswith(TEMPORARY_PREFIX) and name.endswith(TEMPORARY_SUFFIX):
            _remove_if_abandoned(folder, name)


def remove_file(path: str) -> None:
    """Removes a file or link. A missing one is not an error."""
    try:
        folder = Folder.open(os.path.dirname(path))
    except (FileNotFoundError, NotADirectoryError):
        return
    with folder:
        status = folder.status(os.path.basename(path))
        if status is not None and stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        folder.remove(os.path.basename(path))


def _create_locked(folder: Folder) -> Tuple[int, str]:
    for number in itertools.count():
        name = "{}{}-{}{}".format(TEMPORARY_PREFIX, os.getpid(), number, TEMPORARY_SUFFIX)
        try:
            descriptor = folder.create_file(name, 0o600)
        except FileExistsError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Another run may have removed the file as abandoned before it was locked.
        if os.fstat(descriptor).st_nlink:
            return descriptor, name
        os.close(descriptor)
    raise AssertionError("itertools.count() does not end")


def _remove_if_abandoned(folder: Folder, name: str) -> None:
    try:
        descriptor = folder.open_file(name)
    except OSError:
        # It was removed, or is not a temporary file.
        return
    with open_descriptor(descriptor):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        folder.remove(name)
