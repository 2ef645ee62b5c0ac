"""Where what wheel RPMs install lies, and what is made of it; all below the root of the system."""

import os

FACTS = "usr/share/pinpack"
LIBRARY = "usr/lib/pinpack"
STATE = "var/lib/pinpack"
# Of a reqset, in its folder of the state.
TREES = "trees"
WHEELHOUSE = "wheelhouse"
STORED_ENDING = ".whl.stored"


def unpacked_tree(root: str, reqset: str, name: str, sha256: str) -> str:
    """The folder that a stored wheel is unpacked into, where applications need it: another one for other content."""
    return os.path.join(root, STATE, reqset, TREES, "{}-{}".format(name, sha256[:16]))


def stored_wheel(root: str, reqset: str, name: str) -> str:
    """The file of a wheel RPM of layout `stored`."""
    return os.path.join(root, LIBRARY, reqset, name + STORED_ENDING)
