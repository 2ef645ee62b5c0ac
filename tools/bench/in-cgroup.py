"""Moves itself into a control group and becomes the given program: in-cgroup.py FOLDER PROGRAM [ARGUMENT...]."""

import os
import sys

with open(os.path.join(sys.argv[1], "cgroup.procs"), "w") as procs:
    procs.write(str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])
