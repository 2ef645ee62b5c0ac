"""The folder `environments` of an application, and that of shared trees: one run at a time, what killed runs left, and moves that are atomic.

Names that begin with a dot are never served: work folders, and environments on their way out.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import stat

from typing import Container, Iterator, Optional

from .errors import RuntimeProblem

AT_FDCWD = -100
RENAME_EXCHANGE = 2


@contextlib.contextmanager
def locked_folder(folder: str) -> Iterator[int]:
    """Makes `folder` where it is missing and holds it alone; gives the descriptor that carries the lock.

    Whoever inherits the descriptor holds the lock too: what a killed run left running is waited for, not overtaken.
    """
    descriptor = _lock(folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(folder: str) -> int:
    while True:
        try:
            os.mkdir(folder)
            # The umask of whoever repairs must not hide the application from those who run it.
            os.chmod(folder, 0o755)
        except FileExistsError:
            pass
        descriptor = _open_folder(folder)
        if descriptor is None:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # A removal may have taken the folder away in the instant before the lock.
        if os.fstat(descriptor).st_nlink and os.path.isdir(folder) and _is_same(descriptor, folder):
            return descriptor
        os.close(descriptor)


def _open_folder(folder: str) -> Optional[int]:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise RuntimeProblem(
                "NOT_OURS",
                folder,
                ["it is not a folder"],
                "nothing, or the folder that pinpack-runtime makes",
                "Move it away, then run the same command again.",
            )
        raise


def _is_same(descriptor: int, folder: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(folder))
    except FileNotFoundError:
        return False


def remove_leftovers(folder: str) -> None:
    """Removes what killed runs left. Call it under the lock: then everything with a dot is abandoned."""
    for name in os.listdir(folder):
        if name.startswith("."):
            remove_whole(os.path.join(folder, name))


def remove_others(folder: str, kept: Container[str]) -> None:
    """Removes everything but what is named in `kept`, each under a name with a dot, so that half of one is never believed."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name not in kept and not name.startswith("."):
            os.rename(path, _leaving(path))
            path = _leaving(path)
        if name not in kept:
            remove_whole(path)


def remove_whole(path: str) -> None:
    """Removes a file, link or folder with all that is in it; one that is not there is what was wanted."""
    try:
        is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return
    if is_folder:
        shutil.rmtree(path)
    else:
        os.unlink(path)


def place_folder(work: str, final: str) -> None:
    """Renames `work` to `final`; where that is already there, the two change places at once and `work` is the old one."""
    if not os.path.lexists(final):
        os.rename(work, final)
    elif not _exchange(work, final):
        # Without the system call there is an instant with neither; a run killed in it is repaired by the next one.
        os.rename(final, _leaving(final))
        try:
            os.rename(work, final)
        except BaseException:
            os.rename(_leaving(final), final)
            raise


def _leaving(path: str) -> str:
    return os.path.join(os.path.dirname(path), ".{}.leaving".format(os.path.basename(path)))


def _exchange(first: str, second: str) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; false where the C library, the kernel or the file system does not have it."""
    try:
        # Here, since only this needs it, and some minimal Pythons come without.
        import ctypes

        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, OSError, AttributeError):
        return False
    if renameat2(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), first, None, second)


def switch_link(link: str, target: str, folder: str) -> None:
    """Makes the symbolic link `link` say `target`, by rename; `folder` is where it is made, and what is left of killed runs."""
    temporary = os.path.join(folder, ".link.{}".format(os.getpid()))
    os.symlink(target, temporary)
    try:
        os.rename(temporary, link)
    except BaseException:
        os.unlink(temporary)
        raise
