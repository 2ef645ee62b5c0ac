"""Whether a wheel and its tree are as the wheel RPM left them: what `rpm -V` asks through the RPM's verify script.

Of layout `stored` that is the RPM's one file, and of its tree, which applications share, whatever is there.
"""

import hashlib
import os

from typing import List, Optional

from .canonical_wheel import WheelPlace, encode_wheel
from .digest import find_digest_issue
from .errors import RuntimeProblem
from .record import reinstall_step
from .tree import Tree


def verify_wheel(place: WheelPlace) -> None:
    """Raises one RuntimeProblem that lists every difference. Writes nothing. A wheel that is not there is nobody's fault here."""
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
    tree_issues = find_tree_issues(place) if os.path.lexists(place.tree) else []
    found = ["the stored wheel: " + stored_issue] if stored_issue else []
    found += ["the wheel: " + wheel_issue] if wheel_issue else []
    found += ["{}: {}".format(place.tree, issue) for issue in tree_issues]
    if not found:
        return
    raise RuntimeProblem(
        "STORED_DAMAGED" if stored_issue else "TREE_DAMAGED" if tree_issues else "WHEEL_DAMAGED",
        place.stored,
        found,
        "a wheel with sha256 {}, and what was unpacked from it".format(place.sha256),
        _stored_repair_step(place, bool(stored_issue), bool(tree_issues)),
    )


def _stored_repair_step(place: WheelPlace, stored_is_damaged: bool, tree_is_damaged: bool) -> str:
    steps = [reinstall_step(place.stored)] if stored_is_damaged else []
    if tree_is_damaged:
        steps.append("Repair every application of the reqset: pinpack-runtime application repair --manifest /opt/NAME/application.json")
    return "\n    ".join(steps or [_repair_step(place, False)])


def find_wheel_issue(place: WheelPlace) -> Optional[str]:
    """What is wrong with the .whl file, or None."""
    return find_digest_issue(place.wheel, place.sha256)


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
