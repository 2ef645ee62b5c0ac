"""Reads the index of patches (docs/patches.md), of which the caller has checked the digest or the signature, and chooses from it."""

import json
import zlib

from typing import Any, Collection, Dict, Optional

from .gunzip import gunzip
from .problem import PatchProblem

METADATA = "pinpack-patches"
_LIMIT = 64 << 20
_FORMAT = 1


def parse_index(compressed: bytes) -> Dict[str, Any]:
    """RPMs by sha256. None in an index of a later format."""
    try:
        index = json.loads(gunzip(compressed, _LIMIT).decode("utf-8"))
        return index["packages"] if index["format"] == _FORMAT else {}
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise PatchProblem("the index of patches is damaged: {}".format(error))


def choose_patch(entry: Dict[str, Any], headers: Collection[str], size: int) -> Optional[Dict[str, Any]]:
    """The smallest patch against nothing or one of the old headers (sha256) that is smaller than the RPM of this size."""
    fitting = [patch for patch in entry["patches"] if "old" not in patch or patch["old"]["header"] in headers]
    smaller = [patch for patch in fitting if patch["size"] < size]
    return min(smaller, key=lambda patch: patch["size"]) if smaller else None


def needs_old(entry: Dict[str, Any]) -> bool:
    """Whether a patch of the entry is made against an old version."""
    return any("old" in patch for patch in entry["patches"])
