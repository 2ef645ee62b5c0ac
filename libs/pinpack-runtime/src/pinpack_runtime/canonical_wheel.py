"""The canonical wheel: the same content gives the same bytes on any machine (binary distribution format; see zip_format)."""

import hashlib

from typing import Iterator, List, NamedTuple

from .digest import find_digest_issue
from .errors import RuntimeProblem
from .record import reinstall_step
from .replacement import link_replacement, write_replacement
from .tree import Tree
from .zip_format import ZipEntry, encode_directory, encode_local_header


class WheelPlace(NamedTuple):
    """One wheel on the server: its unzipped tree, the .whl made from it, and the sha256 (hex) that the .whl must have.

    stored: the wheel RPM's one file, in layout `stored`, which has no tree.
    """

    tree: str
    dist_info: str
    wheel: str
    sha256: str
    stored: str = ""


def encode_wheel(tree: Tree, entries: List[ZipEntry]) -> Iterator[bytes]:
    """The wheel in chunks of at most a few MB; `entries` as Tree.check gives them."""
    for entry in entries:
        yield encode_local_header(entry)
        for chunk in tree.read_content(entry):
            yield chunk
    for header in encode_directory(entries):
        yield header


def rebuild_wheel(place: WheelPlace, durable: bool = True) -> None:
    """Writes the wheel from its tree, or raises a RuntimeProblem and keeps the old one. A stored wheel is linked."""
    if place.stored:
        _link_stored(place)
        return
    tree = Tree(place.tree, place.dist_info)
    entries, issues = tree.check(tree.read_rows())
    if issues:
        raise tree.damaged(issues)
    hasher = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for chunk in encode_wheel(tree, entries):
            hasher.update(chunk)
            yield chunk

    def check() -> None:
        if hasher.hexdigest() != place.sha256:
            raise _unexpected_wheel(place, hasher.hexdigest())

    write_replacement(place.wheel, hashed(), check, durable)


def _link_stored(place: WheelPlace) -> None:
    issue = find_digest_issue(place.stored, place.sha256)
    if issue:
        raise RuntimeProblem(
            "STORED_DAMAGED", place.stored, [issue], "sha256 " + place.sha256, reinstall_step(place.stored)
        )
    link_replacement(place.stored, place.wheel)


def _unexpected_wheel(place: WheelPlace, found: str) -> RuntimeProblem:
    return RuntimeProblem(
        "WHEEL_UNEXPECTED",
        place.wheel,
        ["the tree {} gives a wheel with sha256 {}".format(place.tree, found)],
        "sha256 {}; every file agrees with RECORD, so RECORD itself or an execute permission was changed".format(
            place.sha256
        ),
        reinstall_step(place.tree + "/" + place.dist_info + "/RECORD"),
    )
