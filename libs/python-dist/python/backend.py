"""Runs one hook of a source tree's build backend (PEP 517), in the source tree and with the build environment's Python.

JSON on standard input: {"hook": name, "arguments": {...}, "backend": "package.module:object", "backendPath": [folder, ...],
"result": path}. What the hook returns is written to the path as JSON, since backends print what they like. A hook that the
backend doesn't have gives null.
"""

import importlib
import itertools
import json
import os
import sys
import tempfile


def backend_of(order):
    # Not this file's folder: the backend and the project would see what lies there.
    sys.path[0:1] = [os.path.abspath(folder) for folder in order["backendPath"]]
    module, _, path = order["backend"].partition(":")
    backend = importlib.import_module(module)
    for name in path.split(".") if path else []:
        backend = getattr(backend, name)
    return backend


def main():
    order = json.load(sys.stdin)
    # Whoever builds, the modes of what is built are the same.
    os.umask(0o022)
    # Backends that copy the project to a temporary folder compile the folder's name in, as __FILE__: it has to be the same each time.
    tempfile._name_sequence = (f"pinpack{number}" for number in itertools.count())
    hook = getattr(backend_of(order), order["hook"], None)
    answer = hook(**order["arguments"]) if hook else None
    with open(order["result"], "w") as result:
        json.dump(answer, result)


if __name__ == "__main__":
    main()
