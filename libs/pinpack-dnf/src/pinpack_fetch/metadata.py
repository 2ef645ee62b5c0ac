"""Reads repomd.xml and primary.xml of a repository, of which the caller has checked the signature and the digests."""

import io
import xml.etree.ElementTree
import zlib

from typing import Any, List, NamedTuple

from pinpack_patch.download import Wanted
from pinpack_patch.gunzip import gunzip
from pinpack_patch.problem import PatchProblem

_REPO = "{http://linux.duke.edu/metadata/repo}"
_COMMON = "{http://linux.duke.edu/metadata/common}"
_LARGEST = 1 << 30


class MetadataFile(NamedTuple):
    """A file that repomd.xml lists."""

    kind: str
    file: Wanted


def parse_repomd(text: bytes) -> List[MetadataFile]:
    """Raises PatchProblem."""
    try:
        records = xml.etree.ElementTree.fromstring(text).findall(_REPO + "data")
        return [MetadataFile(each.get("type", ""), _file_of(each, _REPO, "repodata", each.findtext(_REPO + "size"))) for each in records]
    except (xml.etree.ElementTree.ParseError, ValueError, LookupError) as error:
        raise PatchProblem("repomd.xml is damaged: {}".format(error))


def parse_primary(compressed: bytes) -> List[Wanted]:
    """The RPMs of the repository. Raises PatchProblem."""
    found = []
    try:
        for _event, package in xml.etree.ElementTree.iterparse(io.BytesIO(gunzip(compressed, _LARGEST))):
            if package.tag == _COMMON + "package":
                size = package.find(_COMMON + "size")
                found.append(_file_of(package, _COMMON, "packages", None if size is None else size.get("package")))
                package.clear()
    except (xml.etree.ElementTree.ParseError, zlib.error, ValueError, LookupError) as error:
        raise PatchProblem("the list of packages is damaged: {}".format(error))
    return found


def _file_of(record: Any, namespace: str, folder: str, size: Any) -> Wanted:
    """Location and checksum are of the same form in both."""
    checksum = record.find(namespace + "checksum")
    location = record.find(namespace + "location")
    if checksum is None or location is None or size is None or checksum.get("type") != "sha256":
        raise ValueError("a file has no location, size or sha256")
    return Wanted(check_path(location.get("href", ""), folder), int(size), checksum.text or "")


def check_path(path: str, folder: str) -> str:
    """Raises PatchProblem unless it is the path of a file in this folder of the repository."""
    parts = path.split("/")
    if parts[0] != folder or len(parts) < 2 or any(part in ("", ".", "..") for part in parts) or "\0" in path or "\\" in path:
        raise PatchProblem("{!a} is not a path in {}/".format(path, folder))
    return path
