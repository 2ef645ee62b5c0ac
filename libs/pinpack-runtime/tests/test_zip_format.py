"""The bytes at and beyond the limits of 32 bits, against zipfile, which is given the same limits to reach early."""

import io
import sys
import unittest
import zipfile
import zlib

from unittest import mock

import wheel_fixture

from pinpack_runtime import zip_format
from pinpack_runtime.zip_format import ZipEntry, encode_directory, encode_local_header

GIB = 1 << 30


def entry_of(name: str, data: bytes) -> ZipEntry:
    return ZipEntry(name, len(data), zlib.crc32(data) & 0xFFFFFFFF, False)


def encode(files: dict) -> bytes:
    entries = [entry_of(name, files[name]) for name in sorted(files)]
    contents = b"".join(encode_local_header(entry) + files[entry.name] for entry in entries)
    return contents + b"".join(encode_directory(entries))


class LimitsTest(unittest.TestCase):
    """Sizes, offsets and counts on both sides of limits that are lowered for zipfile and for us."""

    def assert_like_zipfile(self, files: dict) -> None:
        self.assertEqual(encode(files), wheel_fixture.zipfile_wheel(files, executable=()))

    def test_sizes_and_offsets_beyond_the_limit(self) -> None:
        with mock.patch("zipfile.ZIP64_LIMIT", 1000), mock.patch.object(zip_format, "ZIP64_LIMIT", 1000):
            for size in (0, 900, 952, 1001, 5000):
                self.assert_like_zipfile({"a": b"x" * size, "b": b"y", "c": b"z" * size})

    @unittest.skipIf(sys.version_info < (3, 11, 4), "gh-103861: zipfile had another layout here before 3.11.4")
    def test_sizes_just_below_the_limit(self) -> None:
        with mock.patch("zipfile.ZIP64_LIMIT", 1000), mock.patch.object(zip_format, "ZIP64_LIMIT", 1000):
            for size in (953, 999, 1000):
                self.assert_like_zipfile({"a": b"x" * size, "b": b"y"})

    def test_directory_beyond_the_limit(self) -> None:
        with mock.patch("zipfile.ZIP64_LIMIT", 150), mock.patch.object(zip_format, "ZIP64_LIMIT", 150):
            self.assert_like_zipfile({"a": b"", "b": b"", "c": b"", "d": b""})

    def test_number_of_files(self) -> None:
        with mock.patch("zipfile.ZIP_FILECOUNT_LIMIT", 9), mock.patch.object(zip_format, "COUNT_LIMIT", 9):
            for count in (8, 9, 10):
                self.assert_like_zipfile({"{:05}".format(number): b"" for number in range(count)})

    def test_real_number_of_files(self) -> None:
        count = 0x10000
        end = list(encode_directory(ZipEntry("a", 0, 0, False) for _ in range(count)))[-1]
        self.assertEqual(len(end), 56 + 20 + 22)
        self.assertEqual(end[24:40], count.to_bytes(8, "little") * 2)
        self.assertEqual(end[-14:-10], b"\xff" * 4)


class HeaderTest(unittest.TestCase):
    """The real limits, in numbers: no test writes two GiB."""

    def test_local_header_in_hex(self) -> None:
        self.assertEqual(
            encode_local_header(ZipEntry("a", 3, 0x12345678, True)).hex(),
            "504b0304" "1400" "0000" "0000" "0000" "2100" "78563412" "03000000" "03000000" "0100" "0000" "61",
        )

    def test_large_files_carry_their_size_in_the_zip64_field(self) -> None:
        for size, is_large in ((2045222520, False), (2045222521, True), (2 * GIB - 1, True), (5 * GIB, True)):
            header = encode_local_header(ZipEntry("a", size, 0, False))
            self.assertEqual(header.endswith(b"\1\0\x10\0" + size.to_bytes(8, "little") * 2), is_large, size)
            self.assertEqual(header[18:26] == b"\xff" * 8, is_large, size)

    def test_zipfile_reads_a_directory_of_large_files(self) -> None:
        sizes = {"a": 2045222521, "b": 2 * GIB, "c": 5 * GIB, "d": 1}
        entries = [ZipEntry(name, size, 7, False) for name, size in sorted(sizes.items())]
        start = sum(len(encode_local_header(entry)) + entry.size for entry in entries)
        with zipfile.ZipFile(_Tail(start, b"".join(encode_directory(entries)))) as archive:
            self.assertEqual({info.filename: info.file_size for info in archive.infolist()}, sizes)
            self.assertEqual([info.header_offset for info in archive.infolist()], _offsets(entries))


def _offsets(entries: list) -> list:
    offsets = [0]
    for entry in entries[:-1]:
        offsets.append(offsets[-1] + len(encode_local_header(entry)) + entry.size)
    return offsets


class _Tail(io.BytesIO):
    """A file of which only the last bytes exist: `start` bytes of nothing before them."""

    def __init__(self, start: int, tail: bytes) -> None:
        super().__init__(tail)
        self.start = start

    def seek(self, offset: int, whence: int = 0) -> int:
        return super().seek(offset - self.start if whence == 0 else offset, whence) + self.start

    def tell(self) -> int:
        return super().tell() + self.start


if __name__ == "__main__":
    unittest.main()
