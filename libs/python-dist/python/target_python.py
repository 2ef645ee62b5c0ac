"""
Runs code for uv as if on another machine, or as if by a Python without the GIL: uv resolves for the interpreter that it is given; for some machines it
has no name of a platform, and for Pythons without the GIL it has no option.
Called as a Python is: target_python.py MACHINE gil|no-gil [-I -B] -c CODE, or with the path of a script. MACHINE is "this" for that of the Python.
Python 3.8 or newer.
"""

import os
import platform
import runpy
import sys
import sysconfig

# Newer than every glibc: incompatible wheels are removed when wheels are chosen; wheels that uv leaves out could not be added.
GLIBC = "glibc 2.99"


def pretend(machine):
    uname = os.uname()
    confstr = os.confstr
    os.uname = lambda: os.uname_result((*uname[:4], machine))
    os.confstr = lambda name: GLIBC if name == "CS_GNU_LIBC_VERSION" else confstr(name)
    platform.machine = lambda: machine
    sysconfig.get_platform = lambda: "linux-" + machine


def pretend_without_gil():
    get_config_var = sysconfig.get_config_var
    sysconfig.get_config_var = lambda name: 1 if name == "Py_GIL_DISABLED" else get_config_var(name)


def run(arguments):
    while arguments and arguments[0] in ("-I", "-B"):
        arguments = arguments[1:]
    if arguments[:1] == ["-c"]:
        sys.argv = ["-c", *arguments[2:]]
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if sys.argv[1] != "this":
    pretend(sys.argv[1])
if sys.argv[2] == "no-gil":
    pretend_without_gil()
run(sys.argv[3:])
