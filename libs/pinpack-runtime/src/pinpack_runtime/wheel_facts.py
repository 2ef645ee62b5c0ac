"""What a wheel RPM says of its wheel, /usr/share/pinpack/REQSET/NAME.json, format 1: `wheel` (file name), `distInfo` (folder) and
`sha256` of the canonical wheel, and `layout` where it is not `tree`. Where tree and wheel lie follows from the names. Keys that this
version does not know are left alone.
"""

import json
import os
import re

from typing import Any, Dict, List, NamedTuple, Optional

from .canonical_wheel import WheelPlace
from .errors import RuntimeProblem
from .places import FACTS, LIBRARY, STATE, WHEELHOUSE, stored_wheel, unpacked_tree
from .record import reinstall_step

FORMAT = 1
ENDING = ".json"
LAYOUTS = ("tree", "stored")
PATTERNS = {
    "wheel": re.compile(r"[^/\\\s]+\.whl\Z"),
    "distInfo": re.compile(r"[^/\\\s]+\.dist-info\Z"),
    "sha256": re.compile(r"[0-9a-f]{64}\Z"),
}


class InstalledWheel(NamedTuple):
    """A wheel RPM that is installed below `root`: the name of its reqset (and variant), its own name there."""

    root: str
    reqset: str
    name: str

    @property
    def facts(self) -> str:
        return os.path.join(self.root, FACTS, self.reqset, self.name + ENDING)


def find_installed_wheels(root: str, reqset: Optional[str] = None) -> List[InstalledWheel]:
    """Those of one reqset, or of all, sorted."""
    reqsets = _names_in(os.path.join(root, FACTS)) if reqset is None else [reqset]
    return [
        InstalledWheel(root, each, file[: -len(ENDING)])
        for each in reqsets
        for file in _names_in(os.path.join(root, FACTS, each))
        if file.endswith(ENDING)
    ]


def read_place(wheel: InstalledWheel) -> WheelPlace:
    """Where tree and wheel lie, and what the wheel must be; a RuntimeProblem that lists everything that is wrong with the facts."""
    path = wheel.facts
    try:
        with open(path, "rb") as file:
            fields = json.loads(file.read().decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise _facts_problem(path, ["it is missing"], "Install the wheel's RPM: dnf install {0.reqset}-wheel-{0.name}".format(wheel))
    except ValueError as error:
        raise _facts_problem(path, ["it cannot be read as UTF-8 and JSON: {}".format(error)])
    issues = _find_issues(fields)
    if issues:
        raise _facts_problem(path, issues)
    return _place_of(wheel, fields)


def _place_of(wheel: InstalledWheel, fields: Dict[str, str]) -> WheelPlace:
    root, reqset, name = wheel
    dist_info, sha256 = fields["distInfo"], fields["sha256"]
    path = os.path.join(wheelhouse_of(root, reqset), fields["wheel"])
    if fields.get("layout", "tree") == "tree":
        return WheelPlace(os.path.join(root, LIBRARY, reqset, name), dist_info, path, sha256)
    return WheelPlace(unpacked_tree(root, reqset, name, sha256), dist_info, path, sha256, stored_wheel(root, reqset, name))


def wheelhouse_of(root: str, reqset: str) -> str:
    return os.path.join(root, STATE, reqset, WHEELHOUSE)


def find_reqsets_with_state(root: str) -> List[str]:
    """Names of the folders in /var/lib/pinpack."""
    return _names_in(os.path.join(root, STATE))


def _names_in(folder: str) -> List[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _find_issues(fields: Any) -> List[str]:
    if not isinstance(fields, dict):
        return ["it is not a JSON object"]
    if fields.get("format") != FORMAT:
        return ["its format is {!r}, and this pinpack-runtime knows {}".format(fields.get("format"), FORMAT)]
    layout = fields.get("layout", "tree")
    unknown = [] if layout in LAYOUTS else ["layout is {!r}, and this pinpack-runtime knows {}".format(layout, " and ".join(LAYOUTS))]
    found = ((key, fields.get(key), pattern) for key, pattern in PATTERNS.items())
    return unknown + [
        "{} is {!r}, which does not match {}".format(key, value, pattern.pattern)
        for key, value, pattern in found
        if not isinstance(value, str) or not pattern.match(value)
    ]


def _facts_problem(path: str, issues: List[str], next_step: str = "") -> RuntimeProblem:
    expected = "what the wheel RPM installed, of format {}".format(FORMAT)
    return RuntimeProblem("FACTS_INVALID", path, issues, expected, next_step or reinstall_step(path))
