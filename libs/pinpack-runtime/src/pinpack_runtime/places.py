"""Paths of the files of wheel RPMs, and of those that are created from them, below the root of the system."""

import os

FACTS = "usr/share/pinpack"
LIBRARY = "usr/lib/pinpack"
# Below LIBRARY, because environments share files with the wheels there. No reqset can have this name.
ENVIRONMENTS = "usr/lib/pinpack/_environments"
STATE = "var/lib/pinpack"
# Below a reqset's folder in STATE.
INVENTORIES = "environments"
WHEELHOUSE = "wheelhouse"
DIGEST_CACHE = "run/pinpack"
STORED_ENDING = ".whl.stored"


def unpacked_wheel(root: str, reqset: str, name: str) -> str:
    """The folder of a wheel RPM of layout `tree`."""
    return os.path.join(root, LIBRARY, reqset, name)


def stored_wheel(root: str, reqset: str, name: str) -> str:
    """The file of a wheel RPM of layout `stored`."""
    return os.path.join(root, LIBRARY, reqset, name + STORED_ENDING)


def bundled_python(root: str, reqset: str, python: str) -> str:
    """The Python that a reqset brings along; python: "3.12". No wheel has a name that starts with "_"."""
    return os.path.join(root, LIBRARY, reqset, "_python/bin/python" + python)


def environments(root: str, application: str) -> str:
    """The folder of an application's environments."""
    return os.path.join(root, ENVIRONMENTS, application)


def digest_cache(root: str, reqset: str, name: str) -> str:
    """The file that remembers which files of a wheel RPM were digested."""
    return os.path.join(root, DIGEST_CACHE, reqset, name + ".json")


def wheelhouse(root: str, reqset: str) -> str:
    return os.path.join(root, STATE, reqset, WHEELHOUSE)
