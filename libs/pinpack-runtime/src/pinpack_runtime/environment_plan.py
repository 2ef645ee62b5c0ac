"""Plans the files of an environment: a virtual environment (PEP 405), and the files of its wheels at the paths of the specification
of binary distributions. Writes nothing and runs nothing.
"""

import csv
import hashlib
import io

from typing import Any, Callable, Dict, List, NamedTuple, Optional

from .entry_points import format_script, format_shebang, parse_entry_points
from .names import find_data_fault, folders_of, is_data_path
from .python2 import Base, plan_files
from .record import RecordRow, encode_digest

EXECUTABLE_MODE = 0o755
FILE_MODE = 0o644
RUN = "#!python"
# exec -a: Python finds pyvenv.cfg, and so the environment, by the name that it was started with. -p ignores BASH_ENV.
# The name is the environment's own path, so that a process stays in it when /opt/NAME/venv is switched to another one.
# -B: a run, by root above all, must not add bytecode, which verify would report. Python 2 needs -s for what pyvenv.cfg says.
START = "#!/bin/bash -p\n{certificates}exec -a '{home}/bin/python' '{interpreter}' {options} \"$@\"\n"
# A Python from elsewhere does not know where this system keeps its certificates: Red Hat, SUSE, Debian.
CERTIFICATES = """\
if [ -z "${SSL_CERT_FILE+set}${SSL_CERT_DIR+set}" ]; then
    for file in /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /etc/ssl/ca-bundle.pem /etc/ssl/certs/ca-certificates.crt; do
        if [ -r "$file" ]; then export SSL_CERT_FILE="$file"; break; fi
    done
fi
"""
SETTINGS = "home = {folder}\ninclude-system-site-packages = false\nversion = {python}\nprompt = {name}\n"
ACTIVATE = """\
# Use it by ". {link}/bin/activate" in sh, bash or zsh; deactivate undoes it.
deactivate () {{
    if [ -n "${{_OLD_VIRTUAL_PATH:-}}" ]; then PATH="$_OLD_VIRTUAL_PATH"; export PATH; fi
    if [ -n "${{_OLD_VIRTUAL_PS1+set}}" ]; then PS1="$_OLD_VIRTUAL_PS1"; fi
    unset _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PS1 VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    hash -r 2>/dev/null
    if [ "${{1:-}}" != nondestructive ]; then unset -f deactivate; fi
}}
deactivate nondestructive
VIRTUAL_ENV='{link}'; export VIRTUAL_ENV
VIRTUAL_ENV_PROMPT='({name}) '; export VIRTUAL_ENV_PROMPT
_OLD_VIRTUAL_PATH="$PATH"
PATH="$VIRTUAL_ENV/bin:$PATH"; export PATH
if [ -z "${{VIRTUAL_ENV_DISABLE_PROMPT:-}}" ]; then
    _OLD_VIRTUAL_PS1="${{PS1:-}}"
    PS1="$VIRTUAL_ENV_PROMPT${{PS1:-}}"
fi
hash -r 2>/dev/null
"""


class Layout(NamedTuple):
    """An environment. home: its path without symbolic links; link: the path that people use.

    is_switched: whether `link` is replaced while processes run, so that Python must be started with the name `home`.
    base: the installation, if it is of Python 2.
    is_bundled: whether the interpreter comes with the reqset.
    """

    name: str
    python: str
    home: str
    link: str
    interpreter: str
    is_switched: bool
    base: Optional[Base] = None
    is_bundled: bool = False

    @property
    def site_packages(self) -> str:
        return "lib/python{}/site-packages".format(self.python)


class PlannedFile(NamedTuple):
    """A file below the environment. Its content is `content`, or the file `row.name` of `wheel`, or what `write` writes.

    mode: None for the mode in the wheel.
    """

    path: str
    mode: Optional[int]
    row: RecordRow
    content: Optional[bytes] = None
    wheel: Any = None
    write: Optional[Callable[[int], None]] = None


class PlannedLink(NamedTuple):
    path: str
    target: str


class NameProblem(Exception):
    """A wheel has names that are not allowed; `issues`: one line each."""

    def __init__(self, issues: List[str]) -> None:
        super().__init__(issues)
        self.issues = issues


def plan_base(layout: Layout) -> "List[Any]":
    """The environment without wheels: PlannedFiles and PlannedLinks."""
    interpreter, python = layout.interpreter, "bin/python"
    settings = SETTINGS.format(folder=interpreter.rpartition("/")[0], python=layout.python, name=layout.name)
    options = "-B" if layout.base is None else "-B -s"
    certificates = CERTIFICATES if layout.is_bundled else ""
    start = START.format(home=layout.home, interpreter=interpreter, certificates=certificates, options=options)
    return _plan_prefix(layout) + [
        _made_file("pyvenv.cfg", settings.encode("utf-8"), FILE_MODE),
        _made_file(python, start.encode("utf-8"), EXECUTABLE_MODE) if layout.is_switched else PlannedLink(python, interpreter),
        PlannedLink("bin/python3", "python"),
        PlannedLink("bin/python" + layout.python, "python"),
        _made_file("bin/activate", ACTIVATE.format(link=layout.link, name=layout.name).encode("utf-8"), FILE_MODE),
        # Like CPython's venv; distributions differ in which of the two they use.
        PlannedLink("lib64", "lib"),
    ]


def _plan_prefix(layout: Layout) -> "List[Any]":
    if layout.base is None:
        return []
    files, links = plan_files(layout.base)
    made = [_made_file(path, content, FILE_MODE) for path, content in files.items()]
    return made + [PlannedLink(path, target) for path, target in links]


def plan_wheel(layout: Layout, wheel: Any, rows: List[RecordRow], bytecode: List[PlannedFile]) -> List[PlannedFile]:
    """The files of a wheel; a NameProblem if it has names that are not allowed. wheel: a Tree or a StoredWheel; rows: its RECORD.

    bytecode: of its modules, with paths below site-packages.
    """
    record = wheel.dist_info + "/RECORD"
    own = [record, wheel.dist_info + "/INSTALLER"]
    planned = _plan_commands(layout, wheel, rows)
    issues = []  # type: List[str]
    for row in rows:
        # Bytecode in a wheel cannot be compared with a source; pip omits it too.
        if row.name in own or "__pycache__" in row.name.split("/")[:-1]:
            continue
        fault = find_data_fault(row.name) if is_data_path(row.name, wheel.dist_info) else ""
        if fault:
            issues.append("{} {}".format(row.name, fault))
        else:
            planned.append(_plan_row(layout, wheel, row))
    if issues:
        raise NameProblem(issues)
    planned.extend(each._replace(path=layout.site_packages + "/" + each.path) for each in bytecode)
    planned.append(_made_file("{}/{}".format(layout.site_packages, own[1]), b"pinpack\n", FILE_MODE))
    path = "{}/{}".format(layout.site_packages, record)
    planned.append(_made_file(path, _format_record(layout, planned, record), FILE_MODE))
    return planned


def merge_plans(base: "List[Any]", wheels: "List[List[PlannedFile]]") -> "Dict[str, Any]":
    """All files by path. If two wheels have the same path, the later one wins. A NameProblem if paths contradict each other.

    The application's RPM lists the wheels in the order that the build has allowed (order-wheels.ts).
    """
    merged = {each.path: each for each in base}
    for plan in wheels:
        _drop_bytecode(merged, plan)
        merged.update((each.path, each) for each in plan)
    folders = folders_of(merged)
    issues = ["{} is a name that the environment itself uses".format(each.path) for each in base if merged[each.path] is not each]
    issues += ["{} is a file and a folder".format(path) for path in sorted((folders | {"bin", "lib"}) & set(merged))]
    if issues:
        raise NameProblem(issues)
    return merged


def _drop_bytecode(merged: "Dict[str, Any]", plan: List[PlannedFile]) -> None:
    """Removes the bytecode of modules that the plan replaces: the new source may have none, and Python does not check it."""
    sources = {each.path for each in plan if each.path.endswith(".py") and each.path in merged}
    if not sources:
        return
    for path in [path for path in merged if path.endswith(".pyc")]:
        folder, _, name = path.rpartition("/")
        if folder.endswith("/__pycache__") and "{}/{}.py".format(folder[: -len("/__pycache__")], name.split(".")[0]) in sources:
            del merged[path]


def _plan_commands(layout: Layout, wheel: Any, rows: List[RecordRow]) -> List[PlannedFile]:
    name = wheel.dist_info + "/entry_points.txt"
    if not any(row.name == name for row in rows):
        return []
    found, issues = parse_entry_points(wheel.read(name))
    if issues:
        raise NameProblem(["{}: {}".format(name, issue) for issue in issues])
    python = layout.home + "/bin/python"
    return [_made_file("bin/" + each.name, format_script(each, python), EXECUTABLE_MODE) for each in found]


def _plan_row(layout: Layout, wheel: Any, row: RecordRow) -> PlannedFile:
    if not is_data_path(row.name, wheel.dist_info):
        return PlannedFile("{}/{}".format(layout.site_packages, row.name), None, row, wheel=wheel)
    _, scheme, rest = row.name.split("/", 2)
    if scheme == "scripts":
        return _plan_script(layout, wheel, row, rest)
    if scheme == "headers":
        distribution = wheel.dist_info[: -len(".dist-info")].rpartition("-")[0]
        return PlannedFile("include/site/python{}/{}/{}".format(layout.python, distribution, rest), None, row, wheel=wheel)
    if scheme == "data":
        # lib64 is a link to lib.
        path = "lib/" + rest[len("lib64/") :] if rest.startswith("lib64/") else rest
        return PlannedFile(path, None, row, wheel=wheel)
    return PlannedFile("{}/{}".format(layout.site_packages, rest), None, row, wheel=wheel)


def _plan_script(layout: Layout, wheel: Any, row: RecordRow, name: str) -> PlannedFile:
    if not wheel.starts_with(row.name, RUN.encode("ascii")):
        return PlannedFile("bin/" + name, EXECUTABLE_MODE, row, wheel=wheel)
    _, _, rest = wheel.read(row.name).partition(b"\n")
    return _made_file("bin/" + name, format_shebang(layout.home + "/bin/python") + rest, EXECUTABLE_MODE)


def _made_file(path: str, content: bytes, mode: int) -> PlannedFile:
    row = RecordRow(path, "sha256", hashlib.sha256(content).digest(), len(content))
    return PlannedFile(path, mode, row, content)


def _format_record(layout: Layout, planned: List[PlannedFile], record: str) -> bytes:
    """RECORD of the installed wheel: paths relative to site-packages (Python packaging specifications, "Recording installed projects")."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    site = layout.site_packages + "/"
    up = "../" * site.count("/")
    for path, row in sorted({each.path: each.row for each in planned}.items()):
        shown = path[len(site) :] if path.startswith(site) else up + path
        writer.writerow((shown, "{}={}".format(row.algorithm, encode_digest(row.digest)), row.size))
    writer.writerow((record, "", ""))
    return text.getvalue().encode("utf-8")
