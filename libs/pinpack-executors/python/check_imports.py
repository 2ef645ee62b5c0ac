"""Imports every top-level module of a distribution of this environment, and the modules that are named besides it.

Run by the environment's own interpreter: python -I check_imports.py '{"distribution": "my-app", "imports": ["numpy"]}'
"""

import importlib
import importlib.machinery
import importlib.metadata
import json
import os
import sys
import traceback


def top_level_modules(distribution):
    """The names that the distribution's files give to `import`, from its RECORD; sorted."""
    names = set()
    for file in importlib.metadata.files(distribution) or []:
        first = file.parts[0]
        name = first if len(file.parts) > 1 else module_name(first)
        if name is not None and name.isidentifier() and name != "__pycache__":
            names.add(name)
    return sorted(names)


def module_name(file_name):
    suffixes = importlib.machinery.all_suffixes()
    found = [suffix for suffix in suffixes if file_name.endswith(suffix)]
    # The longest: `_rms.cpython-311-x86_64-linux-gnu.so` ends with `.so` too.
    return file_name[: -len(max(found, key=len))] if found else None


def problem_of(name, is_own):
    try:
        module = importlib.import_module(name)
    except BaseException:
        return traceback.format_exc()
    path = getattr(module, "__file__", None)
    if is_own and path is not None and not path.startswith(sys.prefix + os.sep):
        return "{} was imported from {}, which is not of this environment: the name is taken\n".format(name, path)
    return None


def main():
    options = json.loads(sys.argv[1])
    own = top_level_modules(options["distribution"])
    if not own:
        print("the distribution {} has no module to import".format(options["distribution"]))
        return 1
    failed = False
    for name in own + [other for other in options["imports"] if other not in own]:
        # Before the import: a crash leaves no other trace.
        print("import", name, flush=True)
        problem = problem_of(name, name in own)
        if problem is not None:
            failed = True
            print(problem, end="", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
