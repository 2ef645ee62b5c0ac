"""Reads repomd.xml and primary.xml of a repository, of which the caller has checked the signature and the digests."""

import hashlib
import io
import xml.etree.ElementTree
import zlib

from typing import List, NamedTuple

from pinpack_patch.download import Wanted
from pinpack_patch.problem import PatchProblem

_REPO = "{http://linux.duke.edu/metadata/repo}"
_COMMON = "{http://linux.duke.edu/metadata/common}"
_LARGEST = 1 << 30


class MetadataFile(NamedTuple):
    """A file that repomd.xml lists."""

    kind: str
    file: Wanted


def parse_repomd(text: bytes) -> List[MetadataFile]:
    found = []
    for data in _parse(text).iter(_REPO + "data"):
        checksum = data.find(_REPO + "checksum")
        location = data.find(_REPO + "location")
        size = data.findtext(_REPO + "size")
        if checksum is None or location is None or size is None or checksum.get("type") != "sha256":
            raise PatchProblem("repomd.xml is not of the usual form")
        path = check_path(location.get("href", ""), "repodata")
        found.append(MetadataFile(data.get("type", ""), Wanted(path, int(size), checksum.text or "")))
    return found


def parse_primary(compressed: bytes) -> List[Wanted]:
    """The RPMs of the repository."""
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
    text = decoder.decompress(compressed, _LARGEST)
    if not decoder.eof:
        raise PatchProblem("the list of packages is damaged or too large")
    found = []
    for _event, package in xml.etree.ElementTree.iterparse(io.BytesIO(text)):
        if package.tag != _COMMON + "package":
            continue
        checksum = package.find(_COMMON + "checksum")
        location = package.find(_COMMON + "location")
        size = package.find(_COMMON + "size")
        if checksum is None or location is None or size is None or checksum.get("type") != "sha256":
            raise PatchProblem("the list of packages is not of the usual form")
        path = check_path(location.get("href", ""), "packages")
        found.append(Wanted(path, int(size.get("package", "-1")), checksum.text or ""))
        package.clear()
    return found


def check_path(path: str, folder: str) -> str:
    """Raises PatchProblem unless it is the path of a file in this folder of the repository."""
    parts = path.split("/")
    if parts[0] != folder or len(parts) < 2 or any(part in ("", ".", "..") for part in parts) or "\0" in path or "\\" in path:
        raise PatchProblem("{!a} is not a path in {}/".format(path, folder))
    return path


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _parse(text: bytes) -> xml.etree.ElementTree.Element:
    try:
        return xml.etree.ElementTree.fromstring(text)
    except xml.etree.ElementTree.ParseError as error:
        raise PatchProblem("repomd.xml is damaged: {}".format(error))
