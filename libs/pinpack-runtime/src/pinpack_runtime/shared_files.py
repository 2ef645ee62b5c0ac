"""Restores owner and mode of files that an environment shares with a wheel RPM, for instance after `chown -RL app /opt/NAME`.

A file is restored only if its content is the recorded one and no process has it open for writing. `make` refuses the others as
sources, and reports which RPM to reinstall.
"""

import errno
import fcntl
import os
import stat

from typing import Iterator, List

from .content import UnusableFile, check_content, check_size
from .folder import CHUNK_BYTES, Folder
from .inventory import InventoryEntry
from .openat import is_trusted, open_descriptor
from .record import RecordRow


def restore_shared_files(environment: Folder, entries: List[InventoryEntry]) -> None:
    for entry in entries:
        if not entry.shared_with or entry.row is None:
            continue
        try:
            descriptor = environment.open_file(entry.path)
        except OSError:
            # It is missing, or not a file. The new environment will have it.
            continue
        with open_descriptor(descriptor):
            _restore(descriptor, entry.mode, entry.row)


def _restore(descriptor: int, mode: int, row: RecordRow) -> None:
    before = os.fstat(descriptor)
    if is_trusted(before) and stat.S_IMODE(before.st_mode) == mode:
        return
    # The application's user may have put another file in its place. That must not get another owner or mode.
    if not _has_content(descriptor, row):
        return
    os.fchown(descriptor, os.geteuid(), os.getegid())
    os.fchmod(descriptor, mode)
    # Now nobody else can open it for writing, but a process may have done so before.
    if _is_open_for_writing(descriptor) or not _has_content(descriptor, row):
        os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _has_content(descriptor: int, row: RecordRow) -> bool:
    try:
        check_size(os.fstat(descriptor).st_size, row)
        os.lseek(descriptor, 0, os.SEEK_SET)
        check_content(_chunks_of(descriptor), row, lambda chunk: None)
    except UnusableFile:
        return False
    return True


def _is_open_for_writing(descriptor: int) -> bool:
    """The kernel grants a read lease only if no process has the file open for writing (fcntl(2)). False if leases are not supported."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _chunks_of(descriptor: int) -> Iterator[bytes]:
    return iter(lambda: os.read(descriptor, CHUNK_BYTES), b"")
