"""The bytes of a canonical wheel (PKWARE APPNOTE 6.3.9, written the way CPython's zipfile writes stored entries).

zipfile is not used: between 1.95 and 2 GiB its output changed in Python 3.11.4 (gh-103861), and the bytes must never change.
"""

import struct

from typing import Iterable, Iterator, List, NamedTuple, Tuple

# zipfile's own limits: values that may not fit a signed 32-bit number go into the ZIP64 fields.
ZIP64_LIMIT = (1 << 31) - 1
COUNT_LIMIT = 0xFFFF
VERSION_PLAIN = 20
VERSION_ZIP64 = 45
CREATED_ON_UNIX = 3
UTF8_NAME = 0x800
DOS_DATE_1980_01_01 = 1 << 5 | 1
FULL16 = 0xFFFF
FULL32 = 0xFFFFFFFF

# signature, version, flags, method, time, date, CRC, compressed size, size, name length, extra length
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
# signature, created by (version, system), version, flags, method, time, date, CRC, compressed size, size, name length,
# extra length, comment length, disk, internal attributes, external attributes, offset of the local header
CENTRAL_HEADER = struct.Struct("<4s2B5H3L5H2L")
# signature, disk, disk of the directory, entries here, entries, directory size, directory offset, comment length
END_RECORD = struct.Struct("<4s4H2LH")
# signature, size of the rest, created by, version, disk, disk of the directory, entries here, entries, size, offset
ZIP64_END_RECORD = struct.Struct("<4sQ2H2L4Q")
# signature, disk, offset of the ZIP64 end record, disks
ZIP64_LOCATOR = struct.Struct("<4sLQL")


class ZipEntry(NamedTuple):
    """A file of the wheel: size in bytes, crc32 of its content, whether any x bit is set."""

    name: str
    size: int
    crc32: int
    executable: bool


def encode_local_header(entry: ZipEntry) -> bytes:
    name, flags = _encode_name(entry)
    size, version, extra = entry.size, VERSION_PLAIN, b""
    if _needs_zip64(entry):
        size, version, extra = FULL32, VERSION_ZIP64, struct.pack("<2H2Q", 1, 16, entry.size, entry.size)
    fields = (version, flags, 0, 0, DOS_DATE_1980_01_01, entry.crc32, size, size, len(name), len(extra))
    return LOCAL_HEADER.pack(b"PK\x03\x04", *fields) + name + extra


def encode_directory(entries: Iterable[ZipEntry]) -> Iterator[bytes]:
    """The central directory and the end records, which follow the last file."""
    count = size = offset = 0
    for entry in entries:
        header = _encode_central_header(entry, offset)
        count, size = count + 1, size + len(header)
        offset += len(encode_local_header(entry)) + entry.size
        yield header
    yield _encode_end(count, size, offset)


def _needs_zip64(entry: ZipEntry) -> bool:
    # zipfile reserves 5 % for compression that makes a file longer, even if it does not compress.
    return entry.size * 1.05 > ZIP64_LIMIT


def _encode_name(entry: ZipEntry) -> Tuple[bytes, int]:
    name = entry.name.encode("utf-8")
    return name, 0 if len(name) == len(entry.name) else UTF8_NAME


def _encode_central_header(entry: ZipEntry, offset: int) -> bytes:
    name, flags = _encode_name(entry)
    large = []  # type: List[int]
    size = entry.size
    if size > ZIP64_LIMIT:
        large, size = [size, size], FULL32
    if offset > ZIP64_LIMIT:
        large, offset = large + [offset], FULL32
    extra = struct.pack("<2H{}Q".format(len(large)), 1, 8 * len(large), *large) if large else b""
    version = VERSION_ZIP64 if large or _needs_zip64(entry) else VERSION_PLAIN
    mode = 0o100755 if entry.executable else 0o100644
    made = (version, CREATED_ON_UNIX, version, flags, 0, 0, DOS_DATE_1980_01_01, entry.crc32)
    placed = (size, size, len(name), len(extra), 0, 0, 0, mode << 16, offset)
    return CENTRAL_HEADER.pack(b"PK\x01\x02", *(made + placed)) + name + extra


def _encode_end(count: int, size: int, offset: int) -> bytes:
    zip64 = b""
    if count > COUNT_LIMIT or offset > ZIP64_LIMIT or size > ZIP64_LIMIT:
        zip64 = ZIP64_END_RECORD.pack(
            b"PK\x06\x06", 44, VERSION_ZIP64, VERSION_ZIP64, 0, 0, count, count, size, offset
        ) + ZIP64_LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    count = min(count, FULL16)
    end = END_RECORD.pack(b"PK\x05\x06", 0, 0, count, count, min(size, FULL32), min(offset, FULL32), 0)
    return zip64 + end
