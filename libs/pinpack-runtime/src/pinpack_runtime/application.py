"""The manifest of an endpoint application, application.json: which wheels its environment holds, and where everything lies.

Format 1, see the README of this library. Keys that this version does not know are left alone.
"""

import hashlib
import json
import os
import re

from typing import Any, Dict, List, NamedTuple

from .errors import RuntimeProblem
from .places import STATE, TREES, unpacked_tree
from .record import reinstall_step

FORMAT = 1
MANIFEST_NAME = "application.json"
FILLS = ("link", "pip")
LAYOUTS = ("tree", "stored")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*\Z")
PYTHON = re.compile(r"3\.[0-9]{1,3}\Z")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*\Z")
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
DIST_INFO = re.compile(r"[^/\\\s]+-[^/\\\s]+\.dist-info\Z")
# The folder is written into shebangs, shell and csh scripts, where each further character has a meaning somewhere.
FOLDER = re.compile(r"(/[A-Za-z0-9._+@~-]+)+\Z")
TEXT_FIELDS = {"name": NAME, "reqset": NAME, "python": PYTHON}


class ApplicationWheel(NamedTuple):
    """One wheel of the environment: its unzipped tree, the .whl made from it, and the sha256 (hex) of that .whl.

    stored: the wheel RPM's one file, in layout `stored`; then the tree is there only while environments link to it.
    """

    name: str
    version: str
    dist_info: str
    tree: str
    wheel: str
    sha256: str
    stored: str


class Application(NamedTuple):
    """One application. id: 16 hex digits of the manifest's sha256; folder: where the manifest lies, absolute."""

    folder: str
    name: str
    reqset: str
    python: str
    fill: str
    layout: str
    bytecode: bool
    wheels: List[ApplicationWheel]
    tools: List[str]
    id: str

    @property
    def manifest(self) -> str:
        return os.path.join(self.folder, MANIFEST_NAME)

    @property
    def home(self) -> str:
        """The symbolic link that everybody names: what is behind it changes, its path never does."""
        return os.path.join(self.folder, "venv")

    @property
    def environments(self) -> str:
        return os.path.join(self.folder, "environments")

    @property
    def environment(self) -> str:
        """The folder that the manifest asks for."""
        return os.path.join(self.environments, self.id)

    @property
    def target(self) -> str:
        """What the link `home` says."""
        return "environments/" + self.id

    @property
    def trees(self) -> str:
        """The folder of the trees that the reqset's applications share, in layout `stored`."""
        return os.path.join(root_of(self.folder), STATE, self.reqset, TREES)


def root_of(folder: str) -> str:
    """The root of the system in which the application's `folder` is opt/NAME."""
    return os.path.dirname(os.path.dirname(folder))


def read_application(manifest: str) -> Application:
    """Reads the manifest, or raises a RuntimeProblem that lists everything that is wrong with it."""
    path = os.path.abspath(manifest)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise _manifest_problem(path, ["it is missing"])
    return parse_application(data, path)


def parse_application(data: bytes, path: str) -> Application:
    """The application that the bytes `data` of the manifest at `path` (absolute) describe."""
    try:
        fields = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise _manifest_problem(path, ["it cannot be read as UTF-8 and JSON: {}".format(error)])
    issues = find_place_issues(path) + _find_issues(fields, os.path.basename(os.path.dirname(path)))
    if issues:
        raise _manifest_problem(path, issues)
    return Application(
        os.path.dirname(path),
        fields["name"],
        fields["reqset"],
        fields["python"],
        fields["fill"],
        fields.get("layout", "tree"),
        fields.get("bytecode", False),
        [_wheel_of(wheel, fields, root_of(os.path.dirname(path))) for wheel in fields["wheels"]],
        fields["tools"],
        hashlib.sha256(data).hexdigest()[:16],
    )


def find_place_issues(path: str) -> List[str]:
    """What is wrong with the path of a manifest itself."""
    issues = []
    if os.path.basename(path) != MANIFEST_NAME:
        issues.append("its file name is not " + MANIFEST_NAME)
    if not FOLDER.match(os.path.dirname(path)):
        issues.append("its folder has characters that scripts cannot name safely")
    return issues


def _wheel_of(fields: Dict[str, str], manifest: Dict[str, Any], root: str) -> ApplicationWheel:
    name, version, dist_info, wheel, sha256 = (fields[key] for key in ("name", "version", "distInfo", "wheel", "sha256"))
    if manifest.get("layout", "tree") == "tree":
        return ApplicationWheel(name, version, dist_info, fields["tree"], wheel, sha256, "")
    tree = unpacked_tree(root, manifest["reqset"], name, sha256)
    return ApplicationWheel(name, version, dist_info, tree, wheel, sha256, fields["stored"])


def _find_issues(fields: Any, folder_name: str) -> List[str]:
    if not isinstance(fields, dict):
        return ["it is not a JSON object"]
    if fields.get("format") != FORMAT:
        return ["its format is {!r}, and this pinpack-runtime knows {}".format(fields.get("format"), FORMAT)]
    issues = _text_issues(fields, TEXT_FIELDS, "")
    if fields.get("name") != folder_name:
        issues.append("name is {!r}, and its folder is {!r}".format(fields.get("name"), folder_name))
    if fields.get("fill") not in FILLS:
        issues.append("fill is {!r}, neither of {}".format(fields.get("fill"), " and ".join(FILLS)))
    layout = fields.get("layout", "tree")
    if layout not in LAYOUTS:
        issues.append("layout is {!r}, neither of {}".format(layout, " and ".join(LAYOUTS)))
    if not isinstance(fields.get("bytecode", False), bool):
        issues.append("bytecode is {!r}, neither true nor false".format(fields["bytecode"]))
    tools = fields.get("tools")
    if not isinstance(tools, list) or not tools:
        issues.append("tools is not a list of at least one path")
    else:
        issues.extend("tools has {!r}, not a plain absolute path".format(path) for path in tools if not _is_path(path))
    return issues + _wheels_issues(fields.get("wheels"), "tree" if layout == "tree" else "stored")


def _wheels_issues(wheels: Any, source: str) -> List[str]:
    if not isinstance(wheels, list) or not wheels:
        return ["wheels is not a list of at least one wheel"]
    issues = []  # type: List[str]
    names = []  # type: List[Any]
    for number, wheel in enumerate(wheels):
        where = "wheels[{}]".format(number)
        if not isinstance(wheel, dict):
            issues.append(where + " is not an object")
            continue
        issues.extend(_wheel_issues(wheel, source, where + "."))
        if wheel.get("name") in names:
            issues.append("{}.name {!r} is there twice".format(where, wheel.get("name")))
        names.append(wheel.get("name"))
    return issues


def _wheel_issues(wheel: Dict[str, Any], source: str, where: str) -> List[str]:
    patterns = {"name": NAME, "version": VERSION, "distInfo": DIST_INFO, "sha256": SHA256}
    issues = _text_issues(wheel, patterns, where)
    for key in (source, "wheel"):
        if not _is_path(wheel.get(key)):
            issues.append("{}{} is {!r}, not a plain absolute path".format(where, key, wheel.get(key)))
    if isinstance(wheel.get("wheel"), str) and not wheel["wheel"].endswith(".whl"):
        issues.append("{}wheel is {!r}, which does not end with .whl".format(where, wheel["wheel"]))
    return issues


def _text_issues(fields: Dict[str, Any], patterns: "Dict[str, re.Pattern[str]]", where: str) -> List[str]:
    found = ((key, fields.get(key), pattern) for key, pattern in patterns.items())
    return [
        "{}{} is {!r}, which does not match {}".format(where, key, value, pattern.pattern)
        for key, value, pattern in found
        if not isinstance(value, str) or not pattern.match(value)
    ]


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/") and value == os.path.normpath(value) and "\0" not in value


def _manifest_problem(path: str, issues: List[str]) -> RuntimeProblem:
    return RuntimeProblem(
        "MANIFEST_INVALID",
        path,
        issues,
        "the manifest that the application RPM installed, of format {}".format(FORMAT),
        reinstall_step(path),
    )
