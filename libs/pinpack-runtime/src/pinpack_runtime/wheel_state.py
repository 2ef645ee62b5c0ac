"""Compares a wheel and its tree with what the wheel RPM installed, for the RPM's verify script (`rpm -V`)."""

import hashlib
import os

from typing import List, Optional

from .canonical_wheel import WheelPlace, encode_wheel
from .digest import find_digest_issue
from .errors import RuntimeProblem
from .record import reinstall_step
from .tree import Tree


def verify_wheel(place: WheelPlace) -> None:
    """Raises one RuntimeProblem that lists every difference. Writes nothing. A wheel that is missing in the wheelhouse is not an issue."""
    wheel_issue = find_wheel_issue(place) if os.path.lexists(place.wheel) else None
    if place.stored:
        _verify_stored(place, wheel_issue)
        return
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


def _verify_stored(place: WheelPlace, wheel_issue: Optional[str]) -> None:
    stored_issue = find_digest_issue(place.stored, place.sha256)
    found = ["the stored wheel: " + stored_issue] if stored_issue else []
    found += ["the wheel: " + wheel_issue] if wheel_issue else []
    if found:
        raise RuntimeProblem(
            "STORED_DAMAGED" if stored_issue else "WHEEL_DAMAGED",
            place.stored,
            found,
            "a wheel with sha256 " + place.sha256,
            reinstall_step(place.stored) if stored_issue else _repair_step(place, False),
        )


def find_wheel_issue(place: WheelPlace) -> Optional[str]:
    """Describes why the .whl file does not have the expected digest; None if it has."""
    return find_digest_issue(place.wheel, place.sha256)


def find_tree_issues(place: WheelPlace) -> List[str]:
    """Every difference between the tree and RECORD; if there is none, between the digest of the tree's wheel and the expected one."""
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
