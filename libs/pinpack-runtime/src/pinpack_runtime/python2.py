"""The environment of Python 2.7, which knows no pyvenv.cfg (PEP 405): it takes the folder of its program for its prefix if it finds os.py
and lib-dynload there (Modules/getpath.c), and then starts the site.py of that prefix.
"""

import os

from typing import Dict, List, NamedTuple, Tuple

from .errors import RuntimeProblem
from .interpreter import describe_end, last_lines, start_interpreter

ASK_BASE = """\
import os, sys
dynload = [path for path in sys.path if os.path.basename(path) == "lib-dynload"]
sys.stdout.write("\\0".join([sys.prefix, os.path.dirname(os.__file__)] + dynload[:1]))
"""
TIMEOUT_SECONDS = 60
# `reload` keeps the globals, and replaces the functions by those of the real module.
SITE = """\
# Made by pinpack. Finds the modules of Python 2.7 in its own prefix, and the packages in this environment.
import sys


def _start(base):
    home = sys.prefix
    sys.path[:] = [base + path[len(home):] if path.startswith(home + "/") else path for path in sys.path]
    # By this, pip and virtualenv recognize an environment.
    sys.real_prefix = base
    site = reload(sys.modules["site"])
    packages = home + "/lib/python2.7/site-packages"
    if packages not in sys.path:
        site.addsitedir(packages)


_start({base!r})
"""


class Base(NamedTuple):
    """The installation of a Python 2.7. modules: the folder of os.py."""

    prefix: str
    modules: str
    dynload: str


def is_python2(python: str) -> bool:
    """python: a minor version, "2.7"."""
    return python.startswith("2.")


def find_base(interpreter: str) -> Base:
    """Asks the interpreter; a RuntimeProblem if it does not answer with folders."""
    process = start_interpreter(interpreter, ASK_BASE, [])
    output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    parts = output.decode("utf-8", "replace").split("\0")
    if process.returncode == 0 and len(parts) == 3 and all(_is_plain(part) and os.path.isdir(part) for part in parts):
        return Base(*parts)
    raise RuntimeProblem(
        "PYTHON_UNEXPECTED",
        interpreter,
        last_lines(errors) + [describe_end(process.returncode), "it names {!r}".format(parts)],
        "its prefix, the folder of its modules and its folder lib-dynload",
        "Install it again: dnf reinstall python2",
    )


def plan_files(base: Base) -> Tuple[Dict[str, bytes], List[Tuple[str, str]]]:
    """What makes a folder the prefix of a Python 2.7: files with their content, and links with their targets."""
    site = SITE.format(base=str(base.prefix)).encode("ascii")
    links = [("lib/python2.7/os.py", base.modules + "/os.py"), ("lib/python2.7/lib-dynload", base.dynload)]
    return {"lib/python2.7/site.py": site}, links


def _is_plain(path: str) -> bool:
    """Whether it is an absolute path that can be written into a program."""
    return path.startswith("/") and all(32 < ord(letter) < 127 and letter not in "'\"\\" for letter in path)
