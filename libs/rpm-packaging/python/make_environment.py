"""Makes the environment of an application for an image, with symbolic links to the files of the wheels' trees.

Run by the image's own Python, in a sandbox. The job comes as JSON on standard input: name, python, home (the environment's path
in the image), work (where it is made), wheels: [{tree, dist_info}]. The files are the same as on a server (environment_plan).
"""

import json
import os
import sys

from typing import Any, Dict, List

from fold_links import place_links
from pinpack_runtime.bytecode import find_bytecode
from pinpack_runtime.environment_plan import Layout, NameProblem, PlannedFile, PlannedLink, merge_plans, plan_base, plan_wheel
from pinpack_runtime.folder import Folder
from pinpack_runtime.record import RecordRow, module_names
from pinpack_runtime.tree import Tree


def make_environment(job: Dict[str, Any]) -> None:
    """Every path in it starts with job["home"]."""
    found = "{}.{}".format(*sys.version_info[:2])
    if found != job["python"]:
        raise SystemExit("{} is Python {}, expected {}".format(sys.executable, found, job["python"]))
    layout = Layout(job["name"], job["python"], job["home"], job["home"], sys.executable, is_switched=False)
    trees = [Tree(wheel["tree"], wheel["dist_info"]) for wheel in job["wheels"]]
    try:
        plan = merge_plans(plan_base(layout), [_plan_tree(layout, tree) for tree in trees])
    except NameProblem as problem:
        raise SystemExit("\n".join(problem.issues))
    with Folder.open(job["work"], create=True) as work:
        for folder in sorted({os.path.dirname(path) for path, each in plan.items() if not _is_linked(each)} - {""}):
            work.enter(folder, create=True).close()
        for each in plan.values():
            if isinstance(each, PlannedLink):
                work.make_link(each.path, each.target)
            elif not _is_linked(each):
                content = each.wheel.read(each.row.name) if each.content is None else each.content
                work.write_file(each.path, [content], each.mode)
    linked = [each for each in plan.values() if _is_linked(each)]
    # fold_links compares whole paths.
    root = os.path.realpath(job["work"])
    place_links({os.path.join(root, each.path): os.path.join(each.wheel.folder, each.row.name) for each in linked})


def main() -> int:
    """Does the job on standard input."""
    os.umask(0o022)
    make_environment(json.load(sys.stdin))
    return 0


def _is_linked(each: Any) -> bool:
    # A link to a script would have the mode that the script has in the tree.
    return isinstance(each, PlannedFile) and each.wheel is not None and each.mode is None


def _plan_tree(layout: Layout, tree: Tree) -> List[Any]:
    rows = tree.read_rows()
    return plan_wheel(layout, tree, rows, _plan_bytecode(tree, rows))


def _plan_bytecode(tree: Tree, rows: List[RecordRow]) -> List[PlannedFile]:
    shipped = {row.name for row in rows}
    found, _ = find_bytecode(tree.folder, module_names(rows))
    return [
        PlannedFile(name, None, RecordRow(name, "sha256", bytes.fromhex(digest), size), wheel=tree)
        for name, digest, size in found
        if name not in shipped
    ]
