"""Compares the old payload with its digest."""

import hashlib

from typing import Any

from .problem import PatchProblem


def check_payload(old: Any, sha256: str, message: str) -> None:
    """old: OldParts or OldRpm."""
    hasher = hashlib.sha256()
    for piece in old.pieces(old.header_size, old.size - old.header_size):
        hasher.update(piece)
    if hasher.hexdigest() != sha256:
        raise PatchProblem(message)
