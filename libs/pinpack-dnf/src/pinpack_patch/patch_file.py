"""Reads the header of a patch file (docs/patches.md), of which the digest was checked before."""

import os
import struct

from typing import List, NamedTuple

from .problem import PatchProblem
from .streams import Stream

_HEADER = struct.Struct(">8sIIQQQQ10Q")
_MAGIC = b"PINPATCH"
_FORMAT = 1
_PRESETS = (0, 1, 2, 6)


class PatchFile(NamedTuple):
    """Sizes are in bytes."""

    # The preset with which xz compresses the new payload; 0: not compressed.
    preset: int
    # Of the new RPM: what is before its payload, and the uncompressed payload.
    head_size: int
    payload_size: int
    old_head_size: int
    old_payload_size: int
    # Control, copies, lengths, differences, literals.
    streams: List[Stream]


def open_patch(descriptor: int, largest: int) -> PatchFile:
    """largest: bytes of the new head and payload together at most."""
    magic, version, preset, head, payload, old_head, old_payload, *sizes = _HEADER.unpack(_read_header(descriptor))
    if magic != _MAGIC:
        raise PatchProblem("the patch is damaged: it does not start as one")
    if version != _FORMAT or preset not in _PRESETS:
        raise PatchProblem("the patch has a format that this version of pinpack-dnf does not know: upgrade it")
    if head + payload > largest:
        raise PatchProblem("the patch is damaged: it makes {} bytes, expected at most {}".format(head + payload, largest))
    offset = _HEADER.size
    streams = []
    for size, length in zip(sizes[::2], sizes[1::2]):
        streams.append(Stream(descriptor, offset, size, length))
        offset += size
    if offset != os.fstat(descriptor).st_size:
        raise PatchProblem("the patch is damaged: its streams are {} bytes long".format(offset))
    return PatchFile(preset, head, payload, old_head, old_payload, streams)


def _read_header(descriptor: int) -> bytes:
    header = os.pread(descriptor, _HEADER.size, 0)
    if len(header) != _HEADER.size:
        raise PatchProblem("the patch is damaged: it is shorter than its header")
    return header
