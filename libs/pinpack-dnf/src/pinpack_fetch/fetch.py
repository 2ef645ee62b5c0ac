"""Updates a local repository: verifies the metadata, takes what is unchanged, rebuilds RPMs from patches and downloads the rest."""

import concurrent.futures
import os
import subprocess
import sys

from typing import Any, Dict, List, NamedTuple, Optional

from pinpack_patch.download import Source, Wanted, copy_file
from pinpack_patch.patch_index import METADATA, choose_patch, parse_index
from pinpack_patch.problem import PatchProblem
from pinpack_patch.rebuild import Old, Rpm, rebuild_rpm, remove

from .metadata import MetadataFile, check_path, parse_primary, parse_repomd
from .mirror import KEY, REPOMD, SIGNATURE, Mirror, OldFile
from .signature import verify_signature

_LARGEST_REPOMD = 4 << 20
_AT_ONCE = 4


class Counts(NamedTuple):
    """RPMs, or with patches only files."""

    unchanged: int
    rebuilt: int
    downloaded: int


class Publication(NamedTuple):
    """What the signed metadata says."""

    repomd: bytes
    signature: bytes
    metadata: List[MetadataFile]
    rpms: List[Wanted]
    # By the sha256 of the RPM.
    index: Dict[str, Any]


def update(source: Source, mirror: Mirror, key: Optional[str], patches_only: bool = False) -> Counts:
    """Raises PatchProblem or OSError, with the old state of the repository still complete."""
    if key is not None and (not os.path.exists(mirror.path(KEY)) or not os.path.samefile(key, mirror.path(KEY))):
        copy_file(key, mirror.path(KEY))
    if not os.path.exists(mirror.path(KEY)):
        raise PatchProblem("{} is missing: name the publication's public key with --key".format(mirror.path(KEY)))
    publication = _read_publication(source, mirror)
    files = _patch_files(publication) if patches_only else publication.rpms
    counts = _fetch_files(source, mirror, files, {} if patches_only else publication.index)
    mirror.publish(publication.repomd, publication.signature)
    mirror.prune([each.file.path for each in publication.metadata] + [REPOMD, SIGNATURE] + [wanted.path for wanted in files])
    return counts


def _read_publication(source: Source, mirror: Mirror) -> Publication:
    repomd, signature = source.read(REPOMD, _LARGEST_REPOMD), source.read(SIGNATURE, _LARGEST_REPOMD)
    verify_signature(repomd, signature, mirror.path(KEY))
    metadata = parse_repomd(repomd)
    for each in metadata:
        if not mirror.has(each.file):
            source.fetch(each.file, mirror.path(each.file.path))
    content = {each.kind: _read(mirror.path(each.file.path)) for each in metadata if each.kind in ("primary", METADATA)}
    if "primary" not in content:
        raise PatchProblem("repomd.xml lists no packages")
    index = parse_index(content[METADATA]) if METADATA in content else {}
    return Publication(repomd, signature, metadata, parse_primary(content["primary"]), index)


def _fetch_files(source: Source, mirror: Mirror, files: List[Wanted], index: Dict[str, Any]) -> Counts:
    """index: of what may be rebuilt."""
    old = mirror.old_files() if index else {}

    def fetch(wanted: Wanted) -> str:
        if mirror.has(wanted):
            return "unchanged"
        if _rebuild(source, mirror, index.get(wanted.sha256), old, wanted):
            return "rebuilt"
        _download(source, mirror, wanted)
        return "downloaded"

    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        done = list(pool.map(fetch, files))
    return Counts(done.count("unchanged"), done.count("rebuilt"), done.count("downloaded"))


def _rebuild(source: Source, mirror: Mirror, entry: Optional[Dict[str, Any]], old: Dict[str, OldFile], wanted: Wanted) -> bool:
    patch = choose_patch(entry, old, wanted.size) if entry else None
    if entry is None or patch is None:
        return False
    path = os.path.join(mirror.work, patch["sha256"])
    try:
        source.fetch(Wanted(check_path(patch["file"], "patches"), patch["size"], patch["sha256"]), path)
        found = old[patch["old"]["header"]] if "old" in patch else None
        output = os.path.join(mirror.work, wanted.sha256 + ".rpm")
        rebuild_rpm(path, patch, found and Old(found.header, rpm=found.path), Rpm(output, wanted.size, wanted.sha256, entry["unpacked"]))
        os.rename(output, mirror.path(wanted.path))
        remove(path)
        return True
    except (PatchProblem, OSError, subprocess.SubprocessError) as error:
        print("{}: {}: downloading the RPM".format(os.path.basename(wanted.path), error), file=sys.stderr)
        return False


def _patch_files(publication: Publication) -> List[Wanted]:
    """All patches, and the RPMs that have none against nothing."""
    patches = [patch for entry in publication.index.values() for patch in entry["patches"]]
    whole = {sha256 for sha256, entry in publication.index.items() if any("old" not in patch for patch in entry["patches"])}
    files = [Wanted(check_path(patch["file"], "patches"), patch["size"], patch["sha256"]) for patch in patches]
    return files + [rpm for rpm in publication.rpms if rpm.sha256 not in whole]


def _download(source: Source, mirror: Mirror, wanted: Wanted) -> None:
    path = os.path.join(mirror.work, wanted.sha256)
    source.fetch(wanted, path)
    os.rename(path, mirror.path(wanted.path))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
