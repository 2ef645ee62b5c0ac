"""Applies a patch: writes the new RPM from old parts, differences and literals, in pieces."""

import hashlib
import lzma
import os

from typing import List, Optional, Tuple, Union

from .old_parts import OldParts
from .old_rpm import OldRpm
from .patch_file import PatchFile
from .problem import PatchProblem

Old = Union[OldParts, OldRpm]

_PIECE = 1 << 16
_ZEROS = bytes(_PIECE)
_PAIRS = 4096
# Every other byte: sums of two bytes have room in two.
_EVEN = int.from_bytes(b"\x00\xff" * (_PIECE // 2), "big")
_ODD = _EVEN << 8


class RpmSink:
    """Writes the new RPM and digests it. The payload is compressed as the patch says."""

    def __init__(self, descriptor: int, patch: PatchFile, largest: int) -> None:
        self._descriptor = descriptor
        self._hasher = hashlib.sha256()
        self._head_left = patch.head_size
        self._left = patch.head_size + patch.payload_size
        self._largest = largest
        self._compressor = None  # type: Optional[lzma.LZMACompressor]
        if patch.preset > 0:
            # The check is rpm's choice. liblzma writes the same bytes in every version.
            self._compressor = lzma.LZMACompressor(lzma.FORMAT_XZ, lzma.CHECK_SHA256, preset=patch.preset)

    @property
    def left(self) -> int:
        """How many bytes are yet to come, before compression."""
        return self._left

    def write(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise PatchProblem("the patch is damaged: it makes more bytes than it says")
        head = data[: self._head_left]
        self._head_left -= len(head)
        self._write_raw(head)
        payload = data[len(head) :] if head else data
        if payload:
            self._write_raw(payload if self._compressor is None else self._compressor.compress(payload))

    def finish(self) -> str:
        """The sha256 (hex) of the RPM."""
        if self._left > 0:
            raise PatchProblem("the patch is damaged: it makes fewer bytes than it says")
        if self._compressor is not None:
            self._write_raw(self._compressor.flush())
        return self._hasher.hexdigest()

    def _write_raw(self, data: bytes) -> None:
        self._largest -= len(data)
        if self._largest < 0:
            raise PatchProblem("the rebuilt RPM is larger than the repository says")
        self._hasher.update(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]


def apply_patch(patch: PatchFile, old: Old, sink: RpmSink) -> None:
    """Raises PatchProblem where the patch does not fit."""
    control, _copies, _lengths, _differences, literals = patch.streams
    position = 0
    while sink.left > 0:
        seek, pairs, literal = control.numbers(3)
        position += -(seek + 1) // 2 if seek & 1 else seek // 2
        position = _add_segment(patch, old, sink, (position, pairs))
        while literal > 0:
            data = literals.read(min(literal, _PIECE, sink.left + 1))
            literal -= len(data)
            sink.write(data)
    if not all(stream.is_at_end() for stream in patch.streams):
        raise PatchProblem("the patch is damaged: it has more data than it needs")


def _add_segment(patch: PatchFile, old: Old, sink: RpmSink, segment: Tuple[int, int]) -> int:
    """segment: where it starts in the old parts, and its number of pairs. Returns where it ends there."""
    position, pairs = segment
    _control, copies, lengths, differences, _literals = patch.streams
    window = _Window(old, sink, position)
    while pairs > 0:
        count = min(pairs, _PAIRS)
        pairs -= count
        for copied, added in zip(copies.numbers(count), lengths.numbers(count)):
            if copied + added > sink.left:
                raise PatchProblem("the patch is damaged: it makes more bytes than it says")
            window.add_copy(copied)
            while added > 0:
                data = differences.read(min(added, _PIECE))
                added -= len(data)
                window.add_difference(data)
    return window.flush()


class _Window:
    """Collects differences, zeros between them included, until it pays to add them to old bytes all at once."""

    def __init__(self, old: Old, sink: RpmSink, position: int) -> None:
        self._old = old
        self._sink = sink
        self._position = position
        self._pieces = []  # type: List[bytes]
        self._size = 0

    def add_copy(self, length: int) -> None:
        if length >= _PIECE // 4:
            self.flush()
            for piece in self._old.pieces(self._position, length):
                self._sink.write(piece)
            self._position += length
        elif length > 0:
            self.add_difference(_ZEROS[:length])

    def add_difference(self, data: bytes) -> None:
        if self._size + len(data) > _PIECE:
            self.flush()
        self._pieces.append(data)
        self._size += len(data)

    def flush(self) -> int:
        """Returns the position in the old parts."""
        if self._size > 0:
            old = b"".join(self._old.pieces(self._position, self._size))
            self._sink.write(add_bytes(old, b"".join(self._pieces)))
            self._position += self._size
            self._pieces, self._size = [], 0
        return self._position


def add_bytes(a: bytes, b: bytes) -> bytes:
    """Adds bytes of the same number modulo 256, at most 64 KiB: as two large integers, with room between the bytes."""
    x, y = int.from_bytes(a, "big"), int.from_bytes(b, "big")
    even = ((x & _EVEN) + (y & _EVEN)) & _EVEN
    odd = ((x & _ODD) + (y & _ODD)) & _ODD
    return (even | odd).to_bytes(len(a), "big")
