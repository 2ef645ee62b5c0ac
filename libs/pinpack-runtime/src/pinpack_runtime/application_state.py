"""Compares an application's environment with its manifest and its inventory, for the RPM's verify script (`rpm -V`).

Nothing of the environment is run or imported: its files are compared, and the system's Python is started to read its version.
"""

import os
import stat

from typing import List

from .application import ENVIRONMENTS_LINK, HOME, MANIFEST_NAME, Application, inventory_name
from .errors import RuntimeProblem
from .folder import Folder
from .interpreter import find_interpreter
from .inventory import DamagedInventory, InventoryEntry, find_differences, parse_inventory
from .openat import is_trusted

ACCESS = "{} can be changed by users other than root: uid {}, mode {:04o}"


def read_inventory(application: Application, identity: str) -> List[InventoryEntry]:
    """The inventory of one of the application's environments; raises DamagedInventory, and OSErrors of missing files."""
    name = inventory_name(application.name, identity)
    with Folder.open(application.inventories) as inventories:
        statuses = [os.fstat(inventories.descriptor), inventories.status(name)]
        if any(status is not None and not is_trusted(status) for status in statuses):
            raise DamagedInventory("users other than root can change it or its folder")
        return parse_inventory(inventories.read(name))


def find_access_issues(application: Application) -> List[str]:
    """Reports the manifest and the folders that users other than root can change."""
    issues = []  # type: List[str]
    environments = application.environments
    for path, names in ((application.folder, [MANIFEST_NAME]), (os.path.dirname(environments), [os.path.basename(environments)])):
        try:
            holder = Folder.open(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        with holder:
            found = [(path, os.fstat(holder.descriptor))] + [(holder.path_of(name), holder.status(name)) for name in names]
        for each, status in found:
            if status is not None and not is_trusted(status):
                issues.append(ACCESS.format(each, status.st_uid, stat.S_IMODE(status.st_mode)))
    return issues


def find_link_issues(application: Application) -> List[str]:
    """Issues of the links in the application's folder."""
    issues = []
    with Folder.open(application.folder) as holder:
        for name, expected in ((HOME, application.environment), (ENVIRONMENTS_LINK, application.environments)):
            path, target = holder.path_of(name), holder.read_link(name)
            if target is not None and target != expected:
                issues.append("the link {} points to {}, expected {}".format(path, target, expected))
            elif target is None:
                missing = holder.status(name) is None
                issues.append("the link {} is missing".format(path) if missing else "{} is not a symbolic link".format(path))
    return issues


def find_environment_issues(application: Application) -> List[str]:
    """Every difference between the environment that the manifest describes and its inventory, and a missing Python."""
    issues = []
    try:
        find_interpreter(application)
    except RuntimeProblem as problem:
        issues = ["{}: {}".format(problem.subject, line) for line in problem.found]
    try:
        with Folder.open(application.environments) as holder, holder.enter(application.id) as environment:
            return issues + find_differences(environment, read_inventory(application, application.id))
    except (FileNotFoundError, NotADirectoryError) as error:
        return issues + ["{} is missing".format(error.filename)]
    except DamagedInventory as error:
        return issues + ["the inventory {} cannot be used: {}".format(os.path.join(application.inventories, application.inventory), error)]
