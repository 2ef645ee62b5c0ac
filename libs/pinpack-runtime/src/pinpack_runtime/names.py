"""Which names of a wheel may become files of an environment. pinpack checks the same when it builds the RPM (wheel-names.ts)."""

import re

MAX_PART_BYTES = 255
# C0 and C1 controls; a file name with one of them changes what a terminal shows.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
SCRIPT = re.compile(r"\w[\w.+@ -]*\Z")
# Names by which an environment's Python is started, shells are set up, and Python finds its own settings.
RESERVED_SCRIPT = re.compile(r"(pythonw?[0-9.]*|(de)?activate([._].*)?|pyvenv\.cfg|pybuilddir\.txt)\Z", re.IGNORECASE)
SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")
DATA_FOLDER = ".data"


def find_path_fault(name: str) -> str:
    """Why `name` may not be used below a folder, or an empty string."""
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
    if any(len(part.encode("utf-8", "surrogateescape")) > MAX_PART_BYTES for part in parts):
        return "has a part of more than {} bytes".format(MAX_PART_BYTES)
    return ""


def find_script_fault(name: str) -> str:
    """Why a command of that name may not be in the environment's bin, or an empty string."""
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
    """Why a path in the .data folder may not be installed, or an empty string. `find_path_fault` has found nothing."""
    _, _, path = name.partition("/")
    scheme, _, rest = path.partition("/")
    if scheme not in SCHEMES or not rest:
        return "is in none of the folders {} of .data".format(", ".join(SCHEMES))
    if scheme == "scripts":
        return find_script_fault(rest)
    if scheme == "data":
        top, _, inner = rest.partition("/")
        # lib64 is a link to lib, which `lib64/x` is moved to.
        if top.lower() == "pyvenv.cfg" or rest == "lib64":
            return "is a name that the environment itself uses"
        if top == "bin" and inner:
            return find_script_fault(inner.split("/")[0])
    return ""


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
