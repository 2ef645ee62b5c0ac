"""The streams of a patch, decompressed in pieces: memory is bounded by the decoder's limit and the size of a piece."""

import lzma
import os

from typing import List

from .problem import PatchProblem

_PIECE = 1 << 16
# The dictionary of 64 MiB that the format allows, and the decoder itself.
_MEMORY = 80 << 20
_LARGEST_NUMBER_BYTES = 8


class Stream:
    """One stream: bytes, or numbers in LEB128."""

    def __init__(self, descriptor: int, offset: int, size: int, length: int) -> None:
        """offset, size: of the compressed bytes; length: of the decompressed ones, which are never exceeded."""
        self._descriptor = descriptor
        self._offset = offset
        self._end = offset + size
        self._left = length
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MEMORY)
        self._buffer = b""
        self._at = 0

    def read(self, length: int) -> bytes:
        """length: small enough for memory."""
        pieces = []
        while length > 0:
            if self._at == len(self._buffer):
                self._fill()
            piece = self._buffer[self._at : self._at + length]
            self._at += len(piece)
            length -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def numbers(self, count: int) -> List[int]:
        """count: small enough for memory."""
        found = []
        buffer, at = self._buffer, self._at
        for _ in range(count):
            number = shift = 0
            while True:
                if at == len(buffer):
                    self._fill()
                    buffer, at = self._buffer, 0
                byte = buffer[at]
                at += 1
                number |= (byte & 127) << shift
                if byte < 128:
                    break
                shift += 7
                if shift >= 7 * _LARGEST_NUMBER_BYTES:
                    raise PatchProblem("the patch is damaged: a number is too large")
            found.append(number)
        self._at = at
        return found

    def is_at_end(self) -> bool:
        return self._left == 0 and self._at == len(self._buffer)

    def _fill(self) -> None:
        while True:
            if self._left == 0 or self._decoder.eof:
                raise PatchProblem("the patch is damaged: a stream ends early")
            data = b""
            if self._decoder.needs_input:
                data = os.pread(self._descriptor, min(_PIECE, self._end - self._offset), self._offset)
                if not data:
                    raise PatchProblem("the patch is damaged: a stream ends early")
                self._offset += len(data)
            try:
                piece = self._decoder.decompress(data, _PIECE)
            except (lzma.LZMAError, MemoryError) as error:
                raise PatchProblem("the patch is damaged: {}".format(error))
            if piece:
                break
        if len(piece) > self._left:
            raise PatchProblem("the patch is damaged: a stream is longer than it says")
        self._left -= len(piece)
        self._buffer, self._at = piece, 0
