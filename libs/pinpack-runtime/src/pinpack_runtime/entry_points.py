"""entry_points.txt of a wheel, and the commands made of it (Python packaging specifications, "Entry points")."""

import configparser
import keyword
import re

from typing import List, NamedTuple, Tuple

from .names import find_script_fault

SECTIONS = ("console_scripts", "gui_scripts")
REFERENCE = re.compile(r"(?P<module>[\w.]+)\s*:\s*(?P<attributes>[\w.]+)\s*(\[[^\[\]]*\])?\Z")
# Linux before 5.1 truncates the first line of a script after this many bytes.
MAX_SHEBANG_BYTES = 127
SCRIPT = """\
# Made by pinpack from the entry point {name}.
import sys

from {module} import {first}

if __name__ == "__main__":
    sys.exit({attributes}())
"""


class EntryPoint(NamedTuple):
    """A command: `attributes` (with dots) of `module` is called without arguments."""

    name: str
    module: str
    attributes: str


def parse_entry_points(data: bytes) -> Tuple[List[EntryPoint], List[str]]:
    """The commands, by section and in the order of the file; and one line for each issue."""
    # configparser copies the keys of its default section into the others; no file can name this section.
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, default_section="\0")
    parser.optionxform = str  # type: ignore
    try:
        parser.read_string(data.decode("utf-8"))
    except (ValueError, configparser.Error) as error:
        return [], ["it cannot be read as UTF-8 and INI: {}".format(str(error).splitlines()[0])]
    found, issues = [], []
    for section in SECTIONS:
        for name, value in parser.items(section) if parser.has_section(section) else []:
            fault = find_script_fault(name) or find_reference_fault(value)
            if fault:
                issues.append("{} {!r} = {!r} {}".format(section, name, value, fault))
            else:
                reference = REFERENCE.match(value)
                found.append(EntryPoint(name, reference.group("module"), reference.group("attributes")))  # type: ignore
    return found, issues


def find_reference_fault(value: str) -> str:
    """Describes why an entry point with this value is refused; empty if it is accepted."""
    reference = REFERENCE.match(value)
    names = (reference.group("module") + "." + reference.group("attributes")).split(".") if reference else [""]
    if all(name.isidentifier() and not keyword.iskeyword(name) for name in names):
        return ""
    return "is not of the form module:function"


def format_script(entry_point: EntryPoint, python: str) -> bytes:
    """The command's file. python: the path of the interpreter in the environment."""
    name, module, attributes = entry_point
    text = SCRIPT.format(name=name, module=module, first=attributes.split(".")[0], attributes=attributes)
    return format_shebang(python) + text.encode("utf-8")


def format_shebang(python: str) -> bytes:
    """The first line of a script for the interpreter `python`; if it is too long, three lines that are both shell and Python."""
    line = "#!{}\n".format(python).encode("utf-8")
    if len(line) <= MAX_SHEBANG_BYTES:
        return line
    return "#!/bin/sh\n'''exec' '{}' \"$0\" \"$@\"\n' '''\n".format(python).encode("utf-8")
