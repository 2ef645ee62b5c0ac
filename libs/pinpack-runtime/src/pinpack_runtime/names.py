"""Checks the names of a wheel's files and commands. pinpack does the same checks when it builds the RPM (wheel-names.ts)."""

import re

from typing import Iterable, Set

MAX_PART_BYTES = 255
# C0 and C1 controls; a file name with one of them changes what a terminal shows.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
SCRIPT = re.compile(r"\w[\w.+@ -]*\Z")
# Python is started with these names, shells source them, or Python reads its settings from them.
RESERVED_SCRIPT = re.compile(r"(pythonw?[0-9.]*|(de)?activate([._].*)?|pyvenv\.cfg|pybuilddir\.txt)\Z", re.IGNORECASE)
SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")
DATA_FOLDER = ".data"


def find_path_fault(name: str) -> str:
    """Describes why `name` is not allowed as a path below a folder; empty if it is."""
    if name.startswith("/"):
        return "is an absolute path"
    if "\\" in name:
        return "has a backslash"
    if CONTROL.search(name):
        return "has a control character"
    parts = name.split("/")
    if ".." in parts:
        return "leaves the tree"
    if "" in parts or "." in parts:
        return "is not a plain relative path of a file"
    # A character has at most four bytes.
    if len(name) * 4 > MAX_PART_BYTES and any(len(part.encode("utf-8", "surrogateescape")) > MAX_PART_BYTES for part in parts):
        return "has a part of more than {} bytes".format(MAX_PART_BYTES)
    return ""


def find_script_fault(name: str) -> str:
    """Describes why `name` is not allowed in the environment's bin; empty if it is."""
    if not SCRIPT.match(name) or len(name.encode("utf-8")) > MAX_PART_BYTES:
        return "is not the name of a command"
    if RESERVED_SCRIPT.match(name):
        return "is a name that the environment itself uses"
    return ""


def is_data_path(name: str, dist_info: str) -> bool:
    """Whether a path of a wheel lies in its .data folder, whose files are installed elsewhere."""
    top = name.split("/")[0]
    stem = dist_info[: -len(".dist-info")]
    return "/" in name and top.endswith(DATA_FOLDER) and _normalize(top[: -len(DATA_FOLDER)]) == _normalize(stem)


def find_data_fault(name: str) -> str:
    """Describes why a path in the .data folder is not allowed; empty if it is. `find_path_fault` must have accepted it."""
    _, _, path = name.partition("/")
    scheme, _, rest = path.partition("/")
    if scheme not in SCHEMES or not rest:
        return "is in none of the folders {} of .data".format(", ".join(SCHEMES))
    if scheme == "scripts":
        return find_script_fault(rest)
    if scheme == "data":
        top, _, inner = rest.partition("/")
        # lib64 is a link to lib; `lib64/x` is installed as `lib/x`.
        if top.lower() == "pyvenv.cfg" or rest == "lib64":
            return "is a name that the environment itself uses"
        if top == "bin" and inner:
            return find_script_fault(inner.split("/")[0])
    return ""


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def folders_of(paths: Iterable[str]) -> Set[str]:
    """The folders of relative paths, and all folders above these."""
    folders = set()  # type: Set[str]
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders
