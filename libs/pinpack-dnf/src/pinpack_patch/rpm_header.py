"""Reads the file list from an RPM header (rpm.org, "RPM V4 Package format"): magic, index, data. Every offset is checked."""

import struct

from typing import Dict, List, NamedTuple, Tuple, Union

from .problem import PatchProblem

MAGIC = b"\x8e\xad\xe8\x01\x00\x00\x00\x00"
_INTRO_SIZE = 16
_ENTRY_SIZE = 16

_INTEGERS = {3: ("H", 2), 4: ("I", 4)}
_STRINGS = {6, 8, 9}

_MODES, _MTIMES, _SIZES, _FLAGS, _TARGETS = 1030, 1034, 1028, 1037, 1036
_DIRECTORY_INDEXES, _BASENAMES, _DIRECTORIES = 1116, 1117, 1118
_GHOST = 64

Value = Union[List[int], List[bytes]]


class HeaderFile(NamedTuple):
    """A file of the package that its payload contains."""

    path: bytes
    mode: int
    mtime: int
    size: int
    # Of a symlink.
    target: bytes


def list_files(header: bytes) -> List[HeaderFile]:
    """The files in the payload's order; ghosts are not in the payload. header: with its magic."""
    tags = _read_tags(header, {_MODES, _MTIMES, _SIZES, _FLAGS, _TARGETS, _DIRECTORY_INDEXES, _BASENAMES, _DIRECTORIES})
    names = tags.get(_BASENAMES, [])
    directories = tags.get(_DIRECTORIES, [])
    columns = [tags.get(tag, []) for tag in (_DIRECTORY_INDEXES, _MODES, _MTIMES, _SIZES, _FLAGS, _TARGETS)]
    if any(len(column) != len(names) for column in columns):
        raise PatchProblem("the installed package's file list is not of the usual form")
    files = []
    for name, directory, mode, mtime, size, flags, target in zip(names, *columns):
        if not directory < len(directories):
            raise PatchProblem("the installed package's file list is damaged")
        if not flags & _GHOST:
            files.append(HeaderFile(directories[directory] + name, mode, mtime, size, target))
    return files


def _read_tags(header: bytes, wanted: "set[int]") -> Dict[int, Value]:
    if len(header) < _INTRO_SIZE or header[:8] != MAGIC:
        raise PatchProblem("the installed package's header is damaged")
    count, size = struct.unpack(">II", header[8:_INTRO_SIZE])
    start = _INTRO_SIZE + count * _ENTRY_SIZE
    if start + size != len(header):
        raise PatchProblem("the installed package's header is damaged")
    data = header[start:]
    entries = struct.iter_unpack(">IIII", header[_INTRO_SIZE:start])
    return {entry[0]: _decode(data, entry) for entry in entries if entry[0] in wanted}


def _decode(data: bytes, entry: Tuple[int, ...]) -> Value:
    _tag, kind, offset, count = entry
    if kind in _INTEGERS:
        letter, size = _INTEGERS[kind]
        if offset + count * size > len(data):
            raise PatchProblem("the installed package's header is damaged")
        return list(struct.unpack_from(">{}{}".format(count, letter), data, offset))
    if kind not in _STRINGS or count > len(data):
        raise PatchProblem("the installed package's header is damaged")
    strings = data[offset:].split(b"\0", count)
    if len(strings) != count + 1:
        raise PatchProblem("the installed package's header is damaged")
    return strings[:count]
