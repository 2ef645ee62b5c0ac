"""Verifies the signature of repomd.xml by gpg, with no other key than the given one."""

import os
import subprocess
import tempfile

from typing import List

from pinpack_patch.problem import PatchProblem

_GPG = ["gpg", "--batch", "--quiet", "--no-tty", "--no-autostart", "--trust-model", "always", "--status-fd", "1"]


def verify_signature(content: bytes, signature: bytes, key_file: str) -> None:
    """Raises PatchProblem."""
    with tempfile.TemporaryDirectory(prefix="pinpack-") as home:
        data = _write(home, "data", content)
        detached = _write(home, "signature", signature)
        _run(home, ["--import", key_file], "{} has no public key".format(key_file))
        lines = _run(home, ["--verify", detached, data], "repomd.xml is not signed by the key in {}".format(key_file))
        # Not EXPKEYSIG or REVKEYSIG, with which gpg succeeds too.
        if not any(line.startswith("[GNUPG:] GOODSIG ") for line in lines):
            raise PatchProblem("the key in {} has expired or was revoked".format(key_file))


def _run(home: str, arguments: List[str], problem: str) -> List[str]:
    try:
        result = subprocess.run(
            _GPG + ["--homedir", home] + arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise PatchProblem("gpg is missing: install gnupg2 (Fedora, RHEL), gpg2 (SUSE) or gpg (Debian)")
    if result.returncode != 0:
        raise PatchProblem(problem)
    return result.stdout.decode("utf-8", "replace").splitlines()


def _write(folder: str, name: str, content: bytes) -> str:
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    return path
