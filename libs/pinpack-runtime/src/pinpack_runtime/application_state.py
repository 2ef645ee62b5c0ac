"""Compares an application's environment with its manifest and its inventory, for `rpm -V` by the RPM's verify script.

Nothing of the environment is run or imported: its files are compared, and the system's own Python is asked for its version.
"""

import os

from typing import List

from .application import ENVIRONMENTS, HOME, MANIFEST_NAME, Application
from .errors import RuntimeProblem
from .folder import Folder
from .interpreter import find_interpreter
from .inventory import DamagedInventory, find_differences, parse_inventory
from .openat import is_trusted


def find_access_issues(application: Application) -> List[str]:
    """Which of the folders and the manifest others than root can change."""
    issues = []
    with Folder.open(application.folder) as holder:
        statuses = [(application.folder, os.fstat(holder.descriptor))]
        for name in (MANIFEST_NAME, ENVIRONMENTS):
            status = holder.status(name)
            if status is not None:
                statuses.append((holder.path_of(name), status))
    for path, status in statuses:
        if not is_trusted(status):
            issues.append("{} can be changed by others than root: uid {}, mode {:04o}".format(path, status.st_uid, status.st_mode & 0o7777))
    return issues


def find_link_issues(application: Application) -> List[str]:
    with Folder.open(application.folder) as holder:
        target = holder.read_link(HOME)
        if target == application.target:
            return []
        if holder.status(HOME) is None:
            return ["the link {} is missing".format(application.home)]
    if target is None:
        return ["{} is not a symbolic link".format(application.home)]
    return ["the link {} points to {}, and the manifest asks for {}".format(application.home, target, application.target)]


def find_environment_issues(application: Application) -> List[str]:
    """Every difference between the environment that the manifest asks for and its inventory; and a Python that is missing."""
    issues = []
    try:
        find_interpreter(application.python)
    except RuntimeProblem as problem:
        issues = ["{}: {}".format(problem.subject, line) for line in problem.found]
    try:
        with Folder.open(application.folder) as holder, holder.enter(application.target) as environment:
            with Folder.open(application.inventories) as inventories:
                entries = parse_inventory(inventories.read(application.inventory))
            return issues + find_differences(environment, entries)
    except (FileNotFoundError, NotADirectoryError) as error:
        return issues + ["{} is missing".format(error.filename)]
    except DamagedInventory as error:
        return issues + ["the inventory {} cannot be read: {}".format(os.path.join(application.inventories, application.inventory), error)]
