"""The inventory of an environment: its files with mode and digest, and its links, when it was created.

It is in /var/lib/pinpack/REQSET/environments, so that a user who owns the environment cannot change it.
"""

import csv
import errno
import io
import os
import stat

from typing import Dict, List, NamedTuple, Optional

from .content import UnusableFile, check_content, check_size
from .folder import CHUNK_BYTES, Folder
from .openat import open_descriptor
from .parallel import map_in_threads
from .record import RecordRow, encode_digest, parse_digest

HEADER = ["pinpack-inventory", "1", "", "", "", ""]
SHARED = "; the file is shared with the RPM "
# Python reads these at every start.
AT_START = ("sitecustomize.py", "usercustomize.py", "pyvenv.cfg")


class InventoryEntry(NamedTuple):
    """A file, with mode and digest, or a symbolic link, with its target.

    shared_with: the RPM whose file is the same inode; empty if the file is not shared.
    """

    path: str
    mode: int
    row: Optional[RecordRow]
    target: str
    shared_with: str = ""


class DamagedInventory(Exception):
    """An inventory that cannot be parsed; the text gives the reason."""


def format_inventory(entries: List[InventoryEntry]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for path, mode, row, target, shared_with in sorted(entries):
        if row is None:
            writer.writerow([path, "link", target, "", "", ""])
        else:
            digest = "{}={}".format(row.algorithm, encode_digest(row.digest))
            writer.writerow([path, "file", digest, row.size, "{:o}".format(mode), shared_with])
    return text.getvalue().encode("utf-8")


def parse_inventory(data: bytes) -> List[InventoryEntry]:
    """The entries; raises DamagedInventory."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
        if not rows or rows[0] != HEADER:
            raise DamagedInventory("it has no header of format 1")
        return [_parse_entry(*row) for row in rows[1:]]
    except (ValueError, TypeError, csv.Error) as error:
        raise DamagedInventory(str(error))


def _parse_entry(*fields: str) -> InventoryEntry:
    path, kind, content, size, mode, shared_with = fields
    if kind == "link":
        return InventoryEntry(path, 0, None, content)
    algorithm, digest = parse_digest(content)
    if kind != "file" or digest is None:
        raise ValueError("{} has an unknown kind or digest".format(path))
    return InventoryEntry(path, int(mode, 8), RecordRow(path, algorithm, digest, int(size)), "", shared_with)


def find_differences(environment: Folder, entries: List[InventoryEntry]) -> List[str]:
    """One line for each file, link and folder that is missing, changed or added, or that users other than root can change."""
    folders = _by_folder(entries)
    found = map_in_threads(lambda path: _find_in_folder(environment, path, folders[path]), sorted(folders))
    return [line for lines in found for line in lines]


def _by_folder(entries: List[InventoryEntry]) -> "Dict[str, Dict[str, Optional[InventoryEntry]]]":
    """The content of each folder, by name; None for a folder."""
    folders = {"": {}}  # type: Dict[str, Dict[str, Optional[InventoryEntry]]]
    for entry in entries:
        path, child = entry.path, entry  # type: str, Optional[InventoryEntry]
        while True:
            folder, _, name = path.rpartition("/")
            is_known = folder in folders
            folders.setdefault(folder, {})[name] = child
            if is_known:
                break
            path, child = folder, None
    return folders


def _find_in_folder(environment: Folder, path: str, expected: "Dict[str, Optional[InventoryEntry]]") -> List[str]:
    try:
        folder = environment.enter(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            # The check of the parent folder reports that.
            return []
        raise
    with folder:
        issues = _find_access_issues(path or "the folder of the environment", os.fstat(folder.descriptor), 0o755)
        names = folder.names()
        issues += ["{} was added{}".format(_join(path, name), _explain(name)) for name in names if name not in expected]
        for name in sorted(expected):
            issues += _find_entry_issues(folder, _join(path, name), name, expected[name])
        return issues


def _find_entry_issues(folder: Folder, shown: str, name: str, entry: Optional[InventoryEntry]) -> List[str]:
    status = folder.status(name)
    if status is None:
        return [shown + " is missing"]
    if entry is None:
        return [] if stat.S_ISDIR(status.st_mode) else [shown + " is not a folder"]
    if entry.row is None:
        found = folder.read_link(name)
        if found is None:
            return [shown + " is not a symbolic link"]
        return [] if found == entry.target else ["{} points to {}, expected {}".format(shown, found, entry.target)]
    if not stat.S_ISREG(status.st_mode):
        return [shown + " is not a regular file"]
    try:
        check_size(status.st_size, entry.row)
        with open_descriptor(folder.open_file(name)) as descriptor:
            check_content(iter(lambda: os.read(descriptor, CHUNK_BYTES), b""), entry.row, lambda chunk: None)
    except UnusableFile as error:
        issues = ["{} was changed: it {}".format(shown, error)]
    else:
        issues = _find_access_issues(shown, status, entry.mode)
    return [issue + SHARED + entry.shared_with for issue in issues] if entry.shared_with else issues


def _find_access_issues(shown: str, status: os.stat_result, mode: int) -> List[str]:
    if status.st_uid not in (0, os.geteuid()):
        return ["{} is owned by uid {}, expected root".format(shown, status.st_uid)]
    found = stat.S_IMODE(status.st_mode)
    return [] if found == mode else ["{} has the mode {:04o}, expected {:04o}".format(shown, found, mode)]


def _explain(name: str) -> str:
    if name in AT_START or name.endswith(".pth"):
        return ": Python reads it at every start"
    return ": Python takes it without its source" if name.endswith(".pyc") else ""


def _join(folder: str, name: str) -> str:
    return folder + "/" + name if folder else name
