"""The facts that a wheel RPM installs about its wheel, /usr/share/pinpack/REQSET/NAME.json, format 1: `wheel` (file name), `distInfo`
(folder) and `sha256` of the canonical wheel, and `layout` if it is not `tree`. The paths of tree and wheel are derived from the names.
Unknown keys are ignored.
"""

import json
import os

from typing import Any, Dict, List, NamedTuple, Optional

from .canonical_wheel import WheelPlace
from .application import DIST_INFO, SHA256, WHEEL
from .errors import RuntimeProblem
from .folder import Folder, NotRegularFile
from .places import FACTS, STATE, stored_wheel, unpacked_wheel, wheelhouse
from .record import reinstall_step

FORMAT = 1
ENDING = ".json"
LAYOUTS = ("tree", "stored")
PATTERNS = {"wheel": WHEEL, "distInfo": DIST_INFO, "sha256": SHA256}


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
    """Paths of tree and wheel, and the wheel's digest; a RuntimeProblem that lists every issue of the facts."""
    path = wheel.facts
    try:
        with Folder.open(os.path.dirname(path)) as folder:
            fields = json.loads(folder.read(os.path.basename(path)).decode("utf-8"))
    except NotRegularFile:
        raise _facts_problem(path, ["it is not a regular file"])
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
    path = os.path.join(wheelhouse(root, reqset), fields["wheel"])
    is_stored = fields.get("layout") == "stored"
    tree, stored = ("", stored_wheel(root, reqset, name)) if is_stored else (unpacked_wheel(root, reqset, name), "")
    return WheelPlace(tree, fields["distInfo"], path, fields["sha256"], stored)


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
