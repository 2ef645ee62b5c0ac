"""The manifest of an application, application.json: the wheels of its environment and all paths.

Format 1, see the README of this library. Unknown keys are ignored. Its paths must be those that are derived
from the names, so that no manifest can make root read or write anywhere else.
"""

import hashlib
import json
import os
import re

from typing import Any, Dict, List, NamedTuple, Tuple

from .errors import RuntimeProblem
from .folder import Folder, NotRegularFile
from .places import INVENTORIES, STATE, bundled_python, environments, stored_wheel, unpacked_wheel, wheelhouse
from .record import reinstall_step

FORMAT = 1
MANIFEST_NAME = "application.json"
# Symbolic links in the application's folder: to the current environment, and to the folder of all of them.
HOME = "venv"
ENVIRONMENTS_LINK = "environments"
FILLS = ("link", "pip")
LAYOUTS = ("tree", "stored")
MIGRATES = "migrateWhileActive"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*\Z")
PYTHON = re.compile(r"(?:2\.7|3\.[0-9]{1,3}t?)\Z")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*\Z")
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._@-]*\.(service|socket|timer|path|target)\Z")
DIST_INFO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*-[A-Za-z0-9][A-Za-z0-9._+!-]*\.dist-info\Z")
WHEEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\.whl\Z")
# The folder is part of shebang lines and shell scripts, in which other characters have a special meaning.
FOLDER = re.compile(r"(/[A-Za-z0-9._+@~-]+)+\Z")
TEXT_FIELDS = {"name": NAME, "reqset": NAME, "python": PYTHON}
WHEEL_FIELDS = {"name": NAME, "version": VERSION, "distInfo": DIST_INFO, "sha256": SHA256}


class ApplicationWheel(NamedTuple):
    """One wheel of the environment: its unzipped tree, the .whl made from it, and the sha256 (hex) of that .whl.

    stored: the wheel RPM's one file, in layout `stored`, which has no tree.
    """

    name: str
    version: str
    dist_info: str
    tree: str
    wheel: str
    sha256: str
    stored: str


class Application(NamedTuple):
    """One application. id: the first 16 hex digits of the manifest's sha256; folder: the absolute path of the manifest's folder.

    interpreter: the path of the Python that its reqset brings along, or "" for the system's.
    migrates: whether an upgrade migrates its data before it switches to the new environment; units: those that this concerns.
    """

    folder: str
    name: str
    reqset: str
    python: str
    interpreter: str
    fill: str
    layout: str
    bytecode: bool
    share_files: bool
    wheels: List[ApplicationWheel]
    id: str
    migrates: bool
    units: List[str]

    @property
    def manifest(self) -> str:
        return os.path.join(self.folder, MANIFEST_NAME)

    @property
    def home(self) -> str:
        """The symbolic link that people use. Its target changes, its path does not."""
        return os.path.join(self.folder, HOME)

    @property
    def environments_link(self) -> str:
        return os.path.join(self.folder, ENVIRONMENTS_LINK)

    @property
    def environments(self) -> str:
        """The folder of all its environments, outside of the application's folder."""
        return environments(root_of(self.folder), self.name)

    @property
    def environment(self) -> str:
        """The environment that the manifest describes, and the target of the link `home`."""
        return os.path.join(self.environments, self.id)

    @property
    def inventories(self) -> str:
        """The folder of the reqset's inventories."""
        return os.path.join(root_of(self.folder), STATE, self.reqset, INVENTORIES)

    @property
    def inventory(self) -> str:
        """The file name of the inventory of `environment`."""
        return inventory_name(self.name, self.id)

    def wheel_rpm(self, wheel: ApplicationWheel) -> str:
        """The name of the RPM that installs a wheel."""
        return "{}-wheel-{}".format(self.reqset, wheel.name)


def inventory_name(application: str, identity: str) -> str:
    return "{}-{}.csv".format(application, identity)


def repair_command(manifest: str) -> str:
    return "pinpack-runtime application repair --manifest {}".format(manifest)


def root_of(folder: str) -> str:
    """The root of the system: the application's `folder` is opt/NAME below it."""
    return os.path.dirname(os.path.dirname(folder))


def read_application(manifest: str) -> Application:
    """Reads the manifest, or raises a RuntimeProblem that lists every issue."""
    path = os.path.abspath(manifest)
    try:
        with Folder.open(os.path.dirname(path)) as folder:
            data = folder.read(os.path.basename(path))
    except (FileNotFoundError, NotADirectoryError):
        raise _manifest_problem(path, ["it is missing"])
    except NotRegularFile:
        raise _manifest_problem(path, ["it is not a regular file"])
    return parse_application(data, path)


def parse_application(data: bytes, path: str) -> Application:
    """Parses the content `data` of the manifest at the absolute `path`."""
    try:
        fields = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise _manifest_problem(path, ["it cannot be read as UTF-8 and JSON: {}".format(error)])
    issues = find_place_issues(path) + _find_issues(fields, os.path.dirname(path))
    if issues:
        raise _manifest_problem(path, issues)
    return Application(
        os.path.dirname(path),
        fields["name"],
        fields["reqset"],
        fields["python"],
        fields.get("interpreter", ""),
        fields["fill"],
        fields.get("layout", "tree"),
        fields.get("bytecode", False),
        fields.get("shareFiles", True),
        [_wheel_of(wheel, fields.get("layout", "tree")) for wheel in fields["wheels"]],
        hashlib.sha256(data).hexdigest()[:16],
        MIGRATES in fields,
        fields.get(MIGRATES, []),
    )


def find_place_issues(path: str) -> List[str]:
    """Issues of the path of a manifest."""
    issues = []
    if os.path.basename(path) != MANIFEST_NAME:
        issues.append("its file name is not " + MANIFEST_NAME)
    if not FOLDER.match(os.path.dirname(path)):
        issues.append("its folder has characters that scripts cannot name safely")
    return issues


def _wheel_of(fields: Dict[str, str], layout: str) -> ApplicationWheel:
    name, version, dist_info, wheel, sha256 = (fields[key] for key in ("name", "version", "distInfo", "wheel", "sha256"))
    tree, stored = ("", fields["stored"]) if layout == "stored" else (fields["tree"], "")
    return ApplicationWheel(name, version, dist_info, tree, wheel, sha256, stored)


def _find_issues(fields: Any, folder: str) -> List[str]:
    if not isinstance(fields, dict):
        return ["it is not a JSON object"]
    if fields.get("format") != FORMAT:
        return ["its format is {!r}, and this pinpack-runtime knows {}".format(fields.get("format"), FORMAT)]
    issues = _text_issues(fields, TEXT_FIELDS, "")
    if fields.get("name") != os.path.basename(folder):
        issues.append("name is {!r}, and its folder is {!r}".format(fields.get("name"), os.path.basename(folder)))
    if fields.get("fill") not in FILLS:
        issues.append("fill is {!r}, neither of {}".format(fields.get("fill"), " and ".join(FILLS)))
    layout = fields.get("layout", "tree")
    if layout not in LAYOUTS:
        issues.append("layout is {!r}, neither of {}".format(layout, " and ".join(LAYOUTS)))
    if "interpreter" in fields and not issues:
        place = bundled_python(root_of(folder), fields["reqset"], fields["python"])
        if fields["interpreter"] != place:
            issues.append("interpreter is {!r}, expected {!r}".format(fields["interpreter"], place))
    for key in ("bytecode", "shareFiles"):
        if not isinstance(fields.get(key, False), bool):
            issues.append("{} is {!r}, neither true nor false".format(key, fields[key]))
    units = fields.get(MIGRATES, [])
    if not isinstance(units, list) or not all(isinstance(unit, str) and UNIT.match(unit) for unit in units):
        issues.append("{} is {!r}, which is not a list of units".format(MIGRATES, units))
    return issues + _wheels_issues(fields, root_of(folder), layout)


def _wheels_issues(fields: Dict[str, Any], root: str, layout: Any) -> List[str]:
    wheels = fields.get("wheels")
    if not isinstance(wheels, list) or not wheels:
        return ["wheels is not a list of at least one wheel"]
    issues = []  # type: List[str]
    names = []  # type: List[Any]
    for number, wheel in enumerate(wheels):
        where = "wheels[{}]".format(number)
        if not isinstance(wheel, dict):
            issues.append(where + " is not an object")
            continue
        found = _text_issues(wheel, WHEEL_FIELDS, where + ".")
        issues.extend(found or _place_issues(wheel, root, (str(fields.get("reqset")), layout), where + "."))
        if wheel.get("name") in names:
            issues.append("{}.name {!r} is a duplicate".format(where, wheel.get("name")))
        names.append(wheel.get("name"))
    return issues


def _place_issues(wheel: Dict[str, str], root: str, kind: "Tuple[str, Any]", where: str) -> List[str]:
    reqset, layout = kind
    name = wheel["name"]
    places = {"wheel": os.path.join(wheelhouse(root, reqset), os.path.basename(str(wheel.get("wheel"))))}
    if layout == "stored":
        places["stored"] = stored_wheel(root, reqset, name)
    else:
        places["tree"] = unpacked_wheel(root, reqset, name)
    issues = [
        "{}{} is {!r}, expected {!r}".format(where, key, wheel.get(key), place)
        for key, place in sorted(places.items())
        if wheel.get(key) != place
    ]
    if not issues and not WHEEL.match(os.path.basename(places["wheel"])):
        issues.append("{}wheel is {!r}, which is not the path of a wheel".format(where, wheel["wheel"]))
    return issues


def _text_issues(fields: Dict[str, Any], patterns: "Dict[str, re.Pattern[str]]", where: str) -> List[str]:
    found = ((key, fields.get(key), pattern) for key, pattern in patterns.items())
    return [
        "{}{} is {!r}, which does not match {}".format(where, key, value, pattern.pattern)
        for key, value, pattern in found
        if not isinstance(value, str) or not pattern.match(value)
    ]


def _manifest_problem(path: str, issues: List[str]) -> RuntimeProblem:
    return RuntimeProblem(
        "MANIFEST_INVALID",
        path,
        issues,
        "the manifest that the application RPM installed, of format {}".format(FORMAT),
        reinstall_step(path),
    )
