"""The folder of an application's environments: a lock, leftovers of killed runs, and atomic moves.

Names that begin with a dot are not in use: work folders, and environments that are being removed.
"""

import contextlib
import errno
import fcntl
import os
import time

from typing import Container, Iterator, Optional

from .errors import RuntimeProblem
from .folder import Folder
from .openat import encode

RENAME_EXCHANGE = 2
# Every user who can open the folder can lock it, so the wait is limited.
LOCK_SECONDS = 300
POLL_SECONDS = 0.1


@contextlib.contextmanager
def locked_folder(holder: Folder, name: str, create: bool = True) -> Iterator[Optional[Folder]]:
    """Opens a folder and locks it; None if it is missing and `create` is false.

    A process that inherits the descriptor holds the lock too, so a run waits for the processes of a killed run.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    folder = None
    while folder is None:
        folder = _open_folder(holder, name, create)
        if folder is None:
            yield None
            return
        _lock(folder, deadline)
        # The folder may have been removed just before the lock.
        if not _is_same(folder, holder.status(name)):
            folder.close()
            folder = None
    with folder:
        folder.take_ownership()
        yield folder


def _open_folder(holder: Folder, name: str, create: bool) -> Optional[Folder]:
    try:
        return holder.enter(name, create)
    except FileNotFoundError:
        if create:
            raise
        return None
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
        raise RuntimeProblem(
            "NOT_OURS",
            holder.path_of(name),
            ["it is not a folder"],
            "nothing, or the folder that pinpack-runtime makes",
            "Move it away, then run the same command again.",
        )


def _lock(folder: Folder, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(folder.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RuntimeProblem(
                    "LOCKED",
                    folder.path,
                    ["another process has held its lock for {} s".format(LOCK_SECONDS)],
                    "a folder that no other process locks",
                    "Find that process: fuser -v {}; then run the same command again.".format(folder.path),
                )
            time.sleep(POLL_SECONDS)


def _is_same(folder: Folder, status: Optional[os.stat_result]) -> bool:
    return status is not None and os.path.samestat(os.fstat(folder.descriptor), status)


def remove_leftovers(folder: Folder) -> None:
    """Removes the leftovers of killed runs. Call it under the lock: then all names with a dot are abandoned."""
    for name in folder.names():
        if name.startswith("."):
            folder.remove(name)


def remove_others(folder: Folder, kept: Container[str]) -> None:
    """Removes everything except the names in `kept`. Each is renamed first, so that an incomplete one is never used."""
    for name in folder.names():
        if name not in kept:
            if not name.startswith("."):
                folder.rename(name, folder, _leaving(name))
                name = _leaving(name)
            folder.remove(name)


def place_folder(folder: Folder, work: str, final: str) -> None:
    """Renames `work` to `final`; if that exists, exchanges the two atomically, and `work` is the old one."""
    if folder.status(final) is None:
        folder.rename(work, folder, final)
    elif not _exchange(folder, work, final):
        # Without the system call, `final` is missing for a moment; the next run repairs what a kill in this moment leaves.
        folder.rename(final, folder, _leaving(final))
        try:
            folder.rename(work, folder, final)
        except BaseException:
            folder.rename(_leaving(final), folder, final)
            raise


def switch_link(holder: Folder, link: str, target: str) -> None:
    """Makes the symbolic link `link` of `holder` point to `target`, by rename. Call it under the lock."""
    if holder.read_link(link) == target:
        return
    remove_unfinished_link(holder, link)
    holder.make_link(_unfinished(link), target)
    try:
        holder.rename(_unfinished(link), holder, link)
    except BaseException:
        remove_unfinished_link(holder, link)
        raise


def remove_unfinished_link(holder: Folder, link: str) -> None:
    holder.remove(_unfinished(link))


def _unfinished(link: str) -> str:
    return ".{}.pinpack-runtime".format(link)


def _leaving(name: str) -> str:
    return ".{}.leaving".format(name)


def _exchange(folder: Folder, first: str, second: str) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; false if the C library, the kernel or the file system does not support it."""
    try:
        # Imported here because some minimal Pythons do not have it.
        import ctypes

        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, OSError, AttributeError):
        return False
    descriptor = folder.descriptor
    if renameat2(descriptor, encode(first), descriptor, encode(second), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), folder.path_of(second))
