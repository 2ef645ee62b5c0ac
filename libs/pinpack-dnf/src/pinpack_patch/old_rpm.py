"""The old version of a package from its RPM: for repositories that are kept up to date without an installation (pinpack-runtime fetch)."""

import lzma
import os
import struct
import zlib

from typing import Any, Iterator, NamedTuple

from .check_payload import check_payload
from .problem import PatchProblem
from .rpm_header import MAGIC

_PIECE = 1 << 20
_LEAD_SIZE = 96
_LEAD_MAGIC = b"\xed\xab\xee\xdb"
_INTRO_SIZE = 16
_ENTRY_SIZE = 16
_LARGEST_HEADER = 256 << 20
_MEMORY = 80 << 20


class RpmLayout(NamedTuple):
    """Offsets in the file."""

    header: int
    payload: int


def find_parts(descriptor: int) -> RpmLayout:
    """An RPM consists of lead, signature header (padded to 8 bytes), header and payload."""
    if os.pread(descriptor, len(_LEAD_MAGIC), 0) != _LEAD_MAGIC:
        raise PatchProblem("the old RPM is damaged")
    signature_end = _LEAD_SIZE + _size_of_header(descriptor, _LEAD_SIZE)
    header = signature_end + -signature_end % 8
    return RpmLayout(header, header + _size_of_header(descriptor, header))


def read_rpm_header(descriptor: int) -> bytes:
    """With its magic."""
    header, payload = find_parts(descriptor)
    return os.pread(descriptor, payload - header, header)


def _size_of_header(descriptor: int, offset: int) -> int:
    intro = os.pread(descriptor, _INTRO_SIZE, offset)
    if len(intro) != _INTRO_SIZE or intro[: len(MAGIC)] != MAGIC:
        raise PatchProblem("the old RPM is damaged")
    count, size = struct.unpack(">II", intro[len(MAGIC) :])
    total = _INTRO_SIZE + count * _ENTRY_SIZE + size
    if total > _LARGEST_HEADER:
        raise PatchProblem("the old RPM's header is too large")
    return int(total)


class OldRpm:
    """Header and payload of an RPM, as OldParts gives them."""

    def __init__(self, descriptor: int, header: bytes, scratch: int) -> None:
        """scratch: an empty file for the payload, if it is compressed."""
        self._header = header
        self.header_size = len(header)
        offset = find_parts(descriptor).payload
        decoder = _decoder_of(os.pread(descriptor, 6, offset))
        if decoder is None:
            self._payload, self._start, end = descriptor, offset, os.fstat(descriptor).st_size
        else:
            _unpack(descriptor, offset, decoder, scratch)
            self._payload, self._start, end = scratch, 0, os.fstat(scratch).st_size
        self.size = self.header_size + end - self._start

    def check_payload(self, sha256: str) -> None:
        """Raises PatchProblem if the RPM has another payload."""
        check_payload(self, sha256, "the old RPM is damaged: its payload differs from what the repository lists")

    def pieces(self, position: int, length: int) -> Iterator[bytes]:
        """The bytes from a position on, in pieces of at most a megabyte."""
        if position < 0 or length < 0 or position + length > self.size:
            raise PatchProblem("the patch refers to bytes that the old RPM does not have")
        while length > 0:
            if position < self.header_size:
                piece = self._header[position : position + length]
            else:
                piece = os.pread(self._payload, min(length, _PIECE), self._start + position - self.header_size)
            if not piece:
                raise PatchProblem("the old RPM changed while it was read")
            yield piece
            position += len(piece)
            length -= len(piece)

    def close(self) -> None:
        """The caller owns the files."""


def _decoder_of(magic: bytes) -> Any:
    if magic.startswith(b"07070"):
        return None
    if magic == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, _MEMORY)
    if magic.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        try:
            from compression import zstd  # type: ignore[import-not-found]
        except ImportError:
            raise PatchProblem("the old RPM is compressed with zstd, which Python can read only since 3.14")
        return zstd.ZstdDecompressor()
    raise PatchProblem("the old RPM's payload is compressed in an unknown way")


def _unpack(descriptor: int, offset: int, decoder: Any, scratch: int) -> None:
    try:
        while not decoder.eof:
            data = os.pread(descriptor, 1 << 16, offset)
            if not data:
                raise PatchProblem("the old RPM is damaged: it ends early")
            offset += len(data)
            view = memoryview(decoder.decompress(data))
            while view:
                view = view[os.write(scratch, view) :]
    except (lzma.LZMAError, zlib.error) as error:
        raise PatchProblem("the old RPM is damaged: {}".format(error))
