"""The command line of `pinpack-runtime fetch`."""

import argparse
import os
import re
import sys
import urllib.parse

from typing import List, Optional

from pinpack_patch.download import Access, Source
from pinpack_patch.problem import PatchProblem

from .fetch import update
from .mirror import Mirror
from .s3 import find_credentials, make_signer, parse_bucket

MIRRORLIST = "/mirrorlist"

DESCRIPTION = """\
Makes FOLDER a copy of a publication's repository, or brings it up to date: rebuilds RPMs from patches against those that are
there, and downloads the rest. Everything is verified by the publication's signature. The repository of before stays complete until
all RPMs are there; an interrupted run continues where it stopped. For zypper, for dnf without network, and for local mirrors:

  pinpack-runtime fetch https://rpms.example.com/pub/reqset3/mirrorlist /srv/reqset3 --key RPM-GPG-KEY-pinpack
  zypper addrepo --gpgcheck-strict dir:/srv/reqset3 reqset3"""

SOURCE = """\
URL or folder of a repository (with repodata/ in it), or the URL of its mirrorlist. s3://BUCKET/PREFIX?region=… is read with the
credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN or in ~/.aws/credentials, without any as anybody may"""

PATCHES_ONLY = """\
only metadata and patches, and RPMs of which no patch contains the whole: a small folder to carry to hosts without network, which
is their SOURCE"""


def main(arguments: Optional[List[str]] = None) -> int:
    options = _make_parser().parse_args(arguments)
    try:
        source = _open_source(options.source, Access(ca_file=options.ca or ""))
        counts = update(source, Mirror(os.path.abspath(options.folder)), options.key, options.patches_only)
    except (PatchProblem, OSError) as error:
        print("pinpack-runtime fetch: {}: {}".format(options.folder, error), file=sys.stderr)
        print("  next step: fix that, then run the same command again: it continues", file=sys.stderr)
        return 1
    line = "{}: {} unchanged, {} rebuilt from patches, {} downloaded; {:.1f} MB transferred"
    print(line.format(options.folder, *counts, source.bytes / 1e6))
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pinpack-runtime fetch",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("source", metavar="SOURCE", help=SOURCE)
    parser.add_argument("folder", metavar="FOLDER", help="the local repository; it may not exist yet")
    parser.add_argument("--key", metavar="FILE", help="the public key of the publication; needed the first time, then FOLDER has it")
    parser.add_argument("--patches-only", action="store_true", help=PATCHES_ONLY)
    parser.add_argument("--ca", metavar="FILE", help="certificates of the authorities that are trusted, instead of the system's")
    return parser


def _open_source(source: str, access: Access) -> Source:
    url = urllib.parse.urlsplit(source)
    if url.scheme == "s3":
        return _open_bucket(source, access)
    if not url.path.endswith(MIRRORLIST):
        return Source([source if url.scheme else os.path.abspath(source)], access)
    folder, name = source.rsplit("/", 1)
    # Unsigned: it only says where the signed metadata is.
    text = Source([folder], access).read(name, 1 << 16).decode("utf-8", "replace")
    return Source([line.strip() for line in text.splitlines() if re.match(r"\s*[a-z]+://", line)], access)


def _open_bucket(source: str, access: Access) -> Source:
    bucket = parse_bucket(source, os.environ)
    credentials = find_credentials(os.environ)
    if credentials is not None:
        access = access._replace(sign=make_signer(credentials, bucket.region))
    if not bucket.address.endswith(MIRRORLIST):
        return Source([bucket.address], access)
    # It names the publication at its public address, which hosts without access to the bucket use.
    folder = bucket.address[: -len(MIRRORLIST)]
    text = Source([folder], access).read(MIRRORLIST[1:], 1 << 16).decode("utf-8", "replace")
    found = re.search(r"/releases/([0-9A-Za-z-]+)/?\s*\Z", text)
    if found is None:
        raise PatchProblem("{} names no publication".format(bucket.address))
    return Source(["{}/releases/{}".format(folder, found.group(1))], access)
