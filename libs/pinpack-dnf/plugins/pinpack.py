"""The dnf 4 plugin: before dnf downloads RPMs from repositories of pinpack, rebuilds them from patches into dnf's cache, where dnf verifies them as usual.

The index of patches is metadata that repomd.xml lists, so dnf has verified it by the repository's signature. Patches are verified by the index, and parsed and
applied by another process without privileges. After any fault dnf downloads the RPM.
"""

import concurrent.futures
import hashlib
import os
import subprocess
import sys

import dnf
import dnf.callback
import dnf.repo
import dnf.rpm.transaction
import libdnf
import rpm

from dnf.plugin import logger

# No bytecode beside the modules, which no RPM would own.
sys.dont_write_bytecode, _is_dropped = True, sys.dont_write_bytecode
sys.path.insert(0, "/usr/lib/pinpack-dnf")

from pinpack_patch.patch_index import METADATA, choose_patch, needs_old, parse_index  # noqa: E402
from pinpack_patch.problem import PatchProblem  # noqa: E402
from pinpack_patch.rebuild import Old, Rpm, prepare_folders, rebuild_rpm, remove  # noqa: E402
from pinpack_patch.rpm_header import MAGIC  # noqa: E402

sys.dont_write_bytecode = _is_dropped


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
    """A patch as dnf downloads it: with the repository's mirrors and settings."""

    def __init__(self, pkg, patch, progress):
        super(PatchPayload, self).__init__(pkg, progress)
        self.patch = patch

    def __str__(self):
        return os.path.basename(self.patch["file"])

    def _target_params(self):
        return {
            "relative_url": self.patch["file"],
            # Compared before the patch is applied. librepo would request a patch with a wrong digest four times.
            "checksum_type": libdnf.repo.PackageTarget.ChecksumType_UNKNOWN,
            "checksum": None,
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
        patch = find_patch(base, pkg, indexes[pkg.reponame])
        if patch is not None:
            payloads.append(PatchPayload(pkg, patch, progress or dnf.callback.NullDownloadProgress()))
    if not payloads:
        return
    prepare_folders(payload.pkg.repo.pkgdir for payload in payloads)
    for payload in payloads:
        # librepo would continue it without comparing what is there.
        remove(payload.path)
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
    with open(path, "rb") as file:
        return parse_index(file.read())


def find_patch(base, pkg, index):
    """The smallest patch that fits what is installed, with the header of that."""
    kind, sha256 = pkg.returnIdSum()
    entry = index.get(sha256) if kind == "sha256" else None
    if entry is None:
        return None
    headers = installed_headers(base.conf.installroot, pkg) if needs_old(entry) else {}
    patch = choose_patch(entry, headers, pkg.downloadsize)
    if patch is None:
        return None
    header = headers[patch["old"]["header"]] if "old" in patch else None
    return dict(patch, unpacked=entry["unpacked"], header=header)


def installed_headers(root, pkg):
    """By sha256. The immutable region is the header as it was in the RPM."""
    transaction = dnf.rpm.transaction.initReadOnlyTransaction(root=root)
    found = {}
    for installed in transaction.dbMatch("name", pkg.name):
        header = MAGIC + bytes(installed[rpm.RPMTAG_HEADERIMMUTABLE])
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
    pkg, patch = payload.pkg, payload.patch
    try:
        if not os.path.exists(payload.path):
            raise PatchProblem("the patch could not be downloaded")
        old = Old(patch["header"], root) if patch["header"] else None
        rebuild_rpm(payload.path, patch, old, Rpm(pkg.localPkg(), pkg.downloadsize, pkg.returnIdSum()[1], patch["unpacked"]))
        return True
    except (PatchProblem, OSError, subprocess.SubprocessError) as error:
        logger.warning("pinpack: %s: %s: downloading the RPM", pkg.name, error)
        return False
