"""Fills an environment with pip, from a folder of wheels and by hash (pip's "Hash-checking mode"). Bytecode is linked, not compiled:
compiling takes longer than everything else, and would write the work folder's path into it.
"""

import os
import subprocess

from typing import Any, Dict, List, Tuple

from .bytecode import find_bytecode
from .compile_bytecode import format_rows, write_bytecode
from .environment_link import link_or_copy
from .errors import RuntimeProblem
from .stored_wheel import read_stored_rows
from .tree import Tree

# pip writes the path of its Python into scripts, and here that is the path that will be, not the one that is.
START = "import runpy, sys; sys.path += sys.argv[2:3]; sys.executable = sys.argv[1]; del sys.argv[1:3]; "
START += "runpy.run_module('pip', run_name='__main__', alter_sys=True)"
SETTINGS = ["--isolated", "--disable-pip-version-check", "--no-input", "--no-cache-dir", "--quiet"]
INSTALL = ["--no-index", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile"]
INSTALL += ["--no-warn-script-location", "--root-user-action", "ignore"]
LAST_LINES = 10


def install_wheels(job: Dict[str, Any], creator: Any) -> None:
    """Installs every wheel of the job; `creator` is virtualenv's."""
    requirements = os.path.join(job["scratch"], "requirements.txt")
    with open(requirements, "w", encoding="utf-8") as file:
        file.write(format_requirements(job["wheels"]))
    find = ["--find-links", os.path.dirname(job["wheels"][0]["wheel"])]
    home_python = os.path.join(job["home"], "bin", "python")
    command = [str(creator.exe), "-IB", "-c", START, home_python, _find_pip(job)]
    result = subprocess.run(
        command + ["install"] + SETTINGS + INSTALL + find + ["-r", requirements],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    if result.returncode != 0:
        raise _pip_problem(job, result.stdout, result.returncode)
    folders = [str(creator.purelib), str(creator.platlib)]
    for wheel in job["wheels"]:
        if not wheel["stored"]:
            link_bytecode(wheel, folders)
        elif job["bytecode"]:
            compile_installed(wheel, folders)


def format_requirements(wheels: List[Dict[str, str]]) -> str:
    """A requirements file that names every wheel with its version and sha256."""
    return "".join("{name}=={version} --hash=sha256:{sha256}\n".format(**wheel) for wheel in wheels)


def link_bytecode(wheel: Dict[str, str], folders: List[str]) -> None:
    """Links the bytecode that the wheel's tree has, and adds it to the RECORD that pip wrote into one of `folders`."""
    folder = _find_installed(wheel, folders)
    added = []
    for row in Tree(wheel["tree"], wheel["dist_info"]).read_rows():
        found = find_bytecode(wheel["tree"], row.name)
        if found and os.path.isfile(os.path.join(folder, row.name)):
            target = os.path.join(folder, found.name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            link_or_copy(found.path, target)
            added.append((found.name, "sha256=" + found.sha256, found.size))
    _add_to_record(wheel, folder, added)


def compile_installed(wheel: Dict[str, str], folders: List[str]) -> None:
    """Compiles the modules of a stored wheel where pip installed it into one of `folders`, and adds them to the RECORD that pip wrote."""
    folder = _find_installed(wheel, folders)
    _add_to_record(wheel, folder, write_bytecode(folder, read_stored_rows(wheel["stored"], wheel["dist_info"])))


def _find_installed(wheel: Dict[str, str], folders: List[str]) -> str:
    return next(folder for folder in folders if os.path.isdir(os.path.join(folder, wheel["dist_info"])))


def _add_to_record(wheel: Dict[str, str], folder: str, rows: "List[Tuple[str, str, int]]") -> None:
    with open(os.path.join(folder, wheel["dist_info"], "RECORD"), "a", encoding="utf-8", newline="") as file:
        file.write(format_rows(rows))


def _find_pip(job: Dict[str, Any]) -> str:
    for tool in job["tools"]:
        if os.path.isdir(os.path.join(tool, "pip")):
            return tool
    raise RuntimeProblem(
        "TOOL_MISSING",
        "pip",
        ["it is in none of " + ", ".join(job["tools"])],
        "pip among the tools of an application with fill pip",
        "Reinstall the RPM of pip, or build the application RPM again.",
    )


def _pip_problem(job: Dict[str, Any], output: bytes, code: int) -> RuntimeProblem:
    lines = [line for line in output.decode("utf-8", "backslashreplace").splitlines() if line.strip()]
    return RuntimeProblem(
        "PIP_FAILED",
        job["home"],
        lines[-LAST_LINES:] + ["pip ended with exit code {}".format(code)],
        "pip to install {} wheels".format(len(job["wheels"])),
        "Look at pip's lines above, then run the same command again.",
    )
