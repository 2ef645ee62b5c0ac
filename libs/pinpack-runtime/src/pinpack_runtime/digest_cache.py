"""Remembers which files of a tree were compared with their digests, so that the applications of one transaction digest shared files once.

The rule is that of git's index: a file is not digested again if its device, inode, size, modification time and change time are those that
it had before it was digested. A file that was changed after that has another time, because a file is remembered only if its times are
before the kernel's current tick. The cache is in /run/pinpack, which only root can read. It is valid for some minutes of one boot; the
scriptlet that runs after the transaction removes it.
"""

import json
import os
import time

from typing import Any, Dict, List, NamedTuple, Optional

from .folder import Folder
from .openat import is_trusted
from .places import digest_cache
from .replacement import write_replacement

FORMAT = 1
# Longer than the scriptlets of a transaction take.
VALID_SECONDS = 600
BOOT = "/proc/sys/kernel/random/boot_id"
FOLDER_MODE = 0o700
# The kernel's clock for times of files. It advances every 1 to 10 ms.
CLOCK_REALTIME_COARSE = 5
TICK_SECONDS = 0.02
# A float of seconds is exact to some 240 ns.
CLOCK_ERROR = 1000
SECOND = 10 ** 9


class KnownBytecode(NamedTuple):
    """The bytecode of a tree for one Python: rows of name, digest and size, and the names of the modules' bytecode that was not there."""

    interpreter: List[Any]
    rows: List[Any]
    missing: List[str]


class DigestCache:
    """The files of one tree. `known`: by name, as the last run left them."""

    def __init__(self, path: str, boot: str, record: str) -> None:
        self.known = {}  # type: Dict[str, List[int]]
        self.bytecode = None  # type: Optional[KnownBytecode]
        self._path = path
        self._fields = dict(format=FORMAT, boot=boot, record=record)  # type: Dict[str, Any]
        self._since = time.monotonic()
        self._started = tick()
        self._kept = {}  # type: Dict[str, List[int]]

    def is_unchanged(self, name: str, status: os.stat_result) -> bool:
        """Whether a file was digested and has not been changed or linked since."""
        return self.known.get(name) == _identity(status)

    def confirm(self, name: str, before: os.stat_result, linked: os.stat_result) -> bool:
        """Whether a file is unchanged, and remembers it; before, linked: its status before it was linked, and that of the link."""
        found = _identity(linked)
        # The link changes only the change time.
        if not self.is_unchanged(name, before) or _identity(before)[:-1] != found[:-1]:
            return False
        self._kept[name] = found
        return True

    def add(self, name: str, linked: os.stat_result, started: int) -> None:
        """Remembers a file that has the content of RECORD; linked: the status of its link; started: the tick before it was read."""
        changed = linked.st_ctime_ns
        # The link has just set the change time: it shows whether the file system has this clock, and not only whole seconds.
        is_exact = self._started <= changed and changed % SECOND != 0
        if is_exact and max(changed, linked.st_mtime_ns) < started:
            self._kept[name] = _identity(linked)

    def save(self) -> None:
        """Writes the cache. Errors are ignored: without the cache the next application digests its files itself."""
        fields = dict(self._fields, since=self._since, files=self._kept, bytecode=self.bytecode)
        try:
            with Folder.open(os.path.dirname(os.path.dirname(self._path)), create=True) as folder:
                folder.take_ownership(FOLDER_MODE)
            write_replacement(self._path, [json.dumps(fields).encode("ascii")], lambda: None, durable=False)
        except OSError:
            pass

    def load(self) -> None:
        """Takes over what an earlier run wrote, if it is trusted and valid."""
        try:
            data = _read(self._path)
            fields = json.loads(data.decode("ascii"))
            is_valid = 0 <= self._since - fields["since"] < VALID_SECONDS
            if not is_valid or any(fields[key] != value for key, value in self._fields.items()):
                return
            bytecode = fields["bytecode"]
            self.known, self.bytecode = dict(fields["files"]), bytecode and KnownBytecode(*bytecode)
            # Of the oldest digest.
            self._since = fields["since"]
        except (OSError, ValueError, KeyError, TypeError):
            return


def open_cache(root: str, reqset: str, name: str, record: str) -> Optional[DigestCache]:
    """The cache of the tree `name` whose RECORD has the sha256 `record`; None on a system without /run and /proc."""
    try:
        with open(BOOT) as file:
            boot = file.read().strip()
    except OSError:
        return None
    path = digest_cache(root, reqset, name)
    if not os.path.isdir(os.path.dirname(os.path.dirname(os.path.dirname(path)))):
        return None
    cache = DigestCache(path, boot, record)
    cache.load()
    return cache


def tick() -> int:
    """The time, in nanoseconds, that the kernel gives to a file that is changed now, or a little less."""
    return int(time.clock_gettime(CLOCK_REALTIME_COARSE) * SECOND) - CLOCK_ERROR


def wait_for_tick(latest: int) -> int:
    """The current tick, which is after `latest` unless that is in the future."""
    for _ in range(20):
        now = tick()
        if now > latest:
            break
        time.sleep(TICK_SECONDS / 20)
    return now


def _identity(status: os.stat_result) -> List[int]:
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _read(path: str) -> bytes:
    with Folder.open(os.path.dirname(os.path.dirname(path))) as parent:
        folder, name = os.path.basename(os.path.dirname(path)), os.path.basename(path)
        with parent.enter(folder) as holder:
            statuses = [os.fstat(parent.descriptor), os.fstat(holder.descriptor), holder.status(name)]
            if any(status is None or not is_trusted(status) for status in statuses):
                raise PermissionError(path)
            return holder.read(name)
