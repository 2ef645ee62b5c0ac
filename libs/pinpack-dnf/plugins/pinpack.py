"""The dnf 4 plugin: before dnf downloads RPMs from repositories of pinpack, rebuilds them from patches into dnf's cache, where dnf verifies them as usual.

The index of patches is metadata that repomd.xml lists, so dnf has verified it by the repository's signature. Patches are verified by the index, and parsed and
applied by another process without privileges. After any fault dnf downloads the RPM.
"""

import concurrent.futures
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zlib

import dnf
import dnf.callback
import dnf.repo
import dnf.rpm.transaction
import libdnf
import rpm

from dnf.plugin import logger

METADATA = "pinpack-patches"
PROGRAM = "/usr/lib/pinpack-dnf/pinpack-patch"
HEADER_MAGIC = b"\x8e\xad\xe8\x01\x00\x00\x00\x00"
PREFIX = ".pinpack-"
INDEX_LIMIT = 64 << 20
# Of one RPM.
SECONDS = 3600


class Fault(Exception):
    """Why an RPM is downloaded, in one line."""


class Pinpack(dnf.Plugin):
    name = "pinpack"

    def config(self):
        for repo in self.base.repos.iter_enabled():
            # The signature of the repository is what makes patches trustworthy.
            if repo.repo_gpgcheck:
                repo.add_metadata_type_to_download(METADATA)

    def resolved(self):
        # Not here: the user has not confirmed yet, and may only have asked what would be done.
        download = self.base.download_packages
        if getattr(download, "is_pinpack", False):
            return

        def download_packages(pkglist, progress=None, callback_total=None):
            try:
                rebuild_packages(self.base, list(pkglist), progress)
            except Exception as error:  # whatever it is, dnf can do without patches
                logger.warning("pinpack: %s: downloading RPMs", error)
            return download(pkglist, progress, callback_total)

        download_packages.is_pinpack = True
        self.base.download_packages = download_packages


class PatchPayload(dnf.repo.PackagePayload):
    """A patch as dnf downloads it: with the repository's mirrors and settings, its size and its digest."""

    def __init__(self, pkg, patch, progress):
        super(PatchPayload, self).__init__(pkg, progress)
        self.patch = patch

    def __str__(self):
        return os.path.basename(self.patch["file"])

    def _target_params(self):
        return {
            "relative_url": self.patch["file"],
            "checksum_type": libdnf.repo.PackageTarget.checksumType("sha256"),
            "checksum": self.patch["sha256"],
            "expectedsize": self.patch["size"],
            "base_url": self.pkg.baseurl,
        }

    @property
    def download_size(self):
        return self.patch["size"]

    @property
    def path(self):
        return os.path.join(self.pkg.repo.pkgdir, str(self))


def rebuild_packages(base, packages, progress):
    indexes = {}
    payloads = []
    for pkg in packages:
        if pkg._is_local_pkg() or os.path.exists(pkg.localPkg()):
            continue
        if pkg.reponame not in indexes:
            indexes[pkg.reponame] = read_index(base.repos[pkg.reponame])
        patch = choose_patch(base, pkg, indexes[pkg.reponame])
        if patch is not None:
            payloads.append(PatchPayload(pkg, patch, progress or dnf.callback.NullDownloadProgress()))
    if not payloads:
        return
    for folder in {payload.pkg.repo.pkgdir for payload in payloads}:
        dnf.util.ensure_dir(folder)
        # Of a run that was killed.
        for path in glob.glob(os.path.join(glob.escape(folder), PREFIX + "*")):
            os.unlink(path)
    try:
        download(payloads, progress)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            rebuilt = list(pool.map(rebuild_or_report, payloads, [base.conf.installroot] * len(payloads)))
    finally:
        for payload in payloads:
            remove(payload.path)
    done = [payload for payload, is_rebuilt in zip(payloads, rebuilt) if is_rebuilt]
    if done:
        sizes = [sum(size) / 1e6 for size in zip(*((each.download_size, each.pkg.downloadsize) for each in done))]
        logger.info("pinpack: rebuilt %d of %d RPMs from patches of %.1f MB instead of %.1f MB", len(done), len(packages), *sizes)


def read_index(repo):
    """RPMs by sha256; none without signed patches."""
    path = repo.get_metadata_path(METADATA) if repo.repo_gpgcheck else ""
    if not path:
        return {}
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
    with open(path, "rb") as file:
        text = decoder.decompress(file.read(INDEX_LIMIT), INDEX_LIMIT)
    if not decoder.eof:
        raise Fault("the index of patches of {} is damaged or too large".format(repo.id))
    index = json.loads(text.decode("utf-8"))
    return index["packages"] if index["format"] == 1 else {}


def choose_patch(base, pkg, index):
    """The smallest patch that fits what is installed, with the header of that."""
    kind, sha256 = pkg.returnIdSum()
    entry = index.get(sha256) if kind == "sha256" else None
    if entry is None:
        return None
    headers = {}
    if any("old" in patch for patch in entry["patches"]):
        headers = installed_headers(base.conf.installroot, pkg)
    fitting = [patch for patch in entry["patches"] if "old" not in patch or patch["old"]["header"] in headers]
    smaller = [patch for patch in fitting if patch["size"] < pkg.downloadsize]
    if not smaller:
        return None
    patch = min(smaller, key=lambda each: each["size"])
    header = headers[patch["old"]["header"]] if "old" in patch else None
    return dict(patch, unpacked=entry["unpacked"], header=header)


def installed_headers(root, pkg):
    """By sha256. The immutable region is the header as it was in the RPM."""
    transaction = dnf.rpm.transaction.initReadOnlyTransaction(root=root)
    found = {}
    for installed in transaction.dbMatch("name", pkg.name):
        header = HEADER_MAGIC + bytes(installed[rpm.RPMTAG_HEADERIMMUTABLE])
        found[hashlib.sha256(header).hexdigest()] = header
    return found


def download(payloads, progress):
    if progress is not None:
        progress.start(len(payloads), sum(payload.download_size for payload in payloads))
    targets = [payload._librepo_target() for payload in payloads]
    try:
        libdnf.repo.PackageTarget.downloadPackages(libdnf.repo.VectorPPackageTarget(targets), False)
    except RuntimeError:
        # Patches that are not there are reported one by one.
        pass


def rebuild_or_report(payload, root):
    pkg = payload.pkg
    try:
        rebuild(payload, root)
        return True
    except (Fault, OSError, subprocess.SubprocessError) as error:
        logger.warning("pinpack: %s: %s: downloading the RPM", pkg.name, error)
        return False


def rebuild(payload, root):
    pkg, patch = payload.pkg, payload.patch
    if not os.path.exists(payload.path):
        raise Fault("the patch could not be downloaded")
    folder = os.path.dirname(payload.path)
    header = patch["header"] and write_temporary(folder, patch["header"])
    # Created by the process, which must not follow anything that is there.
    output = os.path.join(folder, "{}{}-{}.rpm".format(PREFIX, os.getpid(), pkg.returnIdSum()[1]))
    try:
        run_process(
            {
                "patch": payload.path,
                "patch_size": patch["size"],
                "patch_sha256": patch["sha256"],
                "output": output,
                "header": header,
                "header_sha256": patch["old"]["header"] if header else None,
                "payload_sha256": patch["old"]["payload"] if header else None,
                "root": root,
                "rpm_size": pkg.downloadsize,
                "rpm_sha256": pkg.returnIdSum()[1],
                "unpacked_size": patch["unpacked"],
            }
        )
        os.rename(output, pkg.localPkg())
    finally:
        remove(output)
        if header:
            remove(header)


def run_process(job):
    # -I and -S: no code of the caller's environment or of site-packages.
    result = subprocess.run(
        [sys.executable, "-IBS", PROGRAM],
        input=json.dumps(job).encode("utf-8"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=SECONDS,
    )
    if result.returncode != 0:
        lines = result.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Fault(lines[-1] if lines else "pinpack-patch ended with {}".format(result.returncode))


def write_temporary(folder, content):
    descriptor, path = tempfile.mkstemp(prefix=PREFIX, dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return path


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
