"""Runs one hook of a source tree's build backend (PEP 517), in the source tree and with the build environment's Python.

Reads JSON from standard input: {"hook": name, "arguments": {...}, "backend": "package.module:object", "backendPath": [folder, ...],
"result": path}. Writes the hook's return value to the path as JSON, because backends print to standard
output. The result is null if the backend does not have the hook. Runs on Python 2.7 too.
"""

import importlib
import itertools
import json
import os
import sys
import tempfile


def native(value):
    """JSON values with the strings that Python 2's distutils accepts: bytes."""
    if sys.version_info[0] > 2:
        return value
    if isinstance(value, dict):
        return {native(key): native(each) for key, each in value.items()}
    if isinstance(value, list):
        return [native(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float)) else value.encode("utf-8")


def load_backend(request):
    # Replaces this file's folder, which the backend and the project must not import from.
    sys.path[0:1] = [os.path.abspath(folder) for folder in request["backendPath"]]
    module, _, path = request["backend"].partition(":")
    backend = importlib.import_module(module)
    for name in path.split(".") if path else []:
        backend = getattr(backend, name)
    return backend


def restart():
    """Starts this file again without the descriptors that pinpack's own process inherited. Until then no code of the build has run."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            try:
                os.close(int(name))
            except OSError:
                pass  # The one of the listing itself.
    os.execv(sys.executable, [sys.executable, "-s", __file__])


def main():
    request = native(json.load(sys.stdin))
    # The modes of built files must not depend on the user's umask.
    os.umask(0o022)
    # Backends that copy the project to a temporary folder compile its name into __FILE__: it has to be reproducible.
    tempfile._name_sequence = ("pinpack{}".format(number) for number in itertools.count())
    hook = getattr(load_backend(request), request["hook"], None)
    result = hook(**request["arguments"]) if hook else None
    with open(request["result"], "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    restart() if sys.argv[1:] == ["--restart"] else main()
