"""Whether a wheel and its tree are as the wheel RPM left them: what `rpm -V` asks through the RPM's verify script."""

import hashlib
import os
import stat

from typing import List, Optional

from .canonical_wheel import WheelPlace, encode_wheel
from .errors import RuntimeProblem
from .record import reinstall_step
from .tree import CHUNK_BYTES, Tree


def verify_wheel(place: WheelPlace) -> None:
    """Raises one RuntimeProblem that lists every difference. Writes nothing. A wheel that is not there is nobody's fault here."""
    wheel_issue = find_wheel_issue(place) if os.path.lexists(place.wheel) else None
    tree_issues = find_tree_issues(place)
    if not wheel_issue and not tree_issues:
        return
    raise RuntimeProblem(
        "TREE_DAMAGED" if tree_issues else "WHEEL_DAMAGED",
        place.wheel,
        (["the wheel: " + wheel_issue] if wheel_issue else []) + tree_issues,
        "a wheel with sha256 {}, made from the files of {} as RECORD has them".format(place.sha256, place.tree),
        _repair_step(place, bool(tree_issues)),
    )


def find_wheel_issue(place: WheelPlace) -> Optional[str]:
    """What is wrong with the .whl file, or None."""
    try:
        status = os.stat(place.wheel)
    except FileNotFoundError:
        return "it is missing"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    found = _sha256_of_file(place.wheel)
    return None if found == place.sha256 else "it has sha256 {}".format(found)


def find_tree_issues(place: WheelPlace) -> List[str]:
    """Every difference between the tree and RECORD; where there is none, whether the tree still gives the wheel."""
    tree = Tree(place.tree, place.dist_info)
    try:
        entries, issues = tree.check(tree.read_rows())
        if issues:
            return issues
        hasher = hashlib.sha256()
        for chunk in encode_wheel(tree, entries):
            hasher.update(chunk)
    except RuntimeProblem as problem:
        if problem.code == "SYSTEM_REFUSED":
            raise
        return ["{}: {}".format(problem.subject, line) for line in problem.found]
    if hasher.hexdigest() == place.sha256:
        return []
    return [
        "the tree gives a wheel with sha256 {}, though every file agrees with RECORD: "
        "RECORD itself or an execute permission was changed".format(hasher.hexdigest())
    ]


def _repair_step(place: WheelPlace, tree_is_damaged: bool) -> str:
    if tree_is_damaged:
        return reinstall_step(place.tree + "/" + place.dist_info + "/RECORD")
    return "Make it again: pinpack-runtime wheelhouse make"


def _sha256_of_file(path: str) -> str:
    hasher = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
            hasher.update(chunk)
    return hasher.hexdigest()
