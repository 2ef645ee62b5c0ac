"""Files that appear whole or not at all: written under a temporary name in the same folder, synchronised, renamed."""

import errno
import fcntl
import os
import stat
import tempfile

from typing import Callable, Iterable, Tuple

# Distinct enough that whatever bears it, in any wheelhouse, is ours to remove.
TEMPORARY_PREFIX = ".pinpack-runtime-"
TEMPORARY_SUFFIX = ".part"
CHUNK_BYTES = 1 << 20
# Other file system, too many links, and what kernels and file systems that refuse links say.
LINK_REFUSALS = (errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP, errno.ENOSYS)


def write_replacement(path: str, chunks: Iterable[bytes], check: Callable[[], None], durable: bool = True) -> None:
    """Writes `chunks` to `path` with mode 0644, whatever the umask, and creates its folder where that is missing.

    `check` runs after the last chunk; where it raises, or anything else does, `path` stays as it was and nothing is left over.
    durable: it must survive a power failure; waiting for the disk is what takes longest.
    """
    folder = os.path.dirname(os.path.abspath(path))
    _make_folder(folder)
    remove_leftovers(folder)
    descriptor, temporary = _create_locked(folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            check()
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            if durable:
                os.fsync(file.fileno())
            os.rename(temporary, path)
    except BaseException:
        _unlink_if_there(temporary)
        raise
    if durable:
        _sync_folder(folder)


def link_replacement(source: str, path: str) -> None:
    """`path` becomes a hard link to `source`, by rename; a copy where the system refuses links."""
    folder = os.path.dirname(os.path.abspath(path))
    _make_folder(folder)
    remove_leftovers(folder)
    temporary = os.path.join(folder, TEMPORARY_PREFIX + os.path.basename(path) + TEMPORARY_SUFFIX)
    with open(source, "rb") as file:
        # Of the temporary name too, which is the same file: so nobody takes it for abandoned.
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            os.link(source, temporary)
            os.rename(temporary, path)
        except OSError as error:
            if error.errno not in LINK_REFUSALS:
                raise
            write_replacement(path, iter(lambda: file.read(CHUNK_BYTES), b""), lambda: None)
        finally:
            # A rename between two names of one file leaves both.
            _unlink_if_there(temporary)


def remove_leftovers(folder: str) -> None:
    """Removes the temporary files of runs that were killed, and leaves those of runs that are still going."""
    if not os.path.isdir(folder):
        return
    for name in os.listdir(folder):
        if name.startswith(TEMPORARY_PREFIX) and name.endswith(TEMPORARY_SUFFIX):
            _remove_if_abandoned(os.path.join(folder, name))


def remove_file(path: str) -> None:
    """Removes `path`; one that is not there is what was wanted."""
    _unlink_if_there(path)


def _create_locked(folder: str) -> Tuple[int, str]:
    while True:
        descriptor, path = tempfile.mkstemp(TEMPORARY_SUFFIX, TEMPORARY_PREFIX, folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Another run may have taken the file for abandoned in the instant before the lock.
        if os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)


def _remove_if_abandoned(path: str) -> None:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _unlink_if_there(path)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def _unlink_if_there(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _make_folder(folder: str) -> None:
    if os.path.isdir(folder):
        return
    _make_folder(os.path.dirname(folder))
    try:
        os.mkdir(folder)
    except FileExistsError:
        return
    # The umask of whoever repairs must not hide the wheelhouse from those who install from it.
    os.chmod(folder, 0o755)


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
