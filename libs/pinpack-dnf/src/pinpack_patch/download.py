"""Downloads files whose size and sha256 are known, over HTTP(S) or from a folder. An interrupted download is continued the next time."""

import base64
import hashlib
import http.client
import os
import shutil
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request

from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence

from .problem import PatchProblem

PART = ".part"
_PIECE = 1 << 16
_TRIES = 3


class Access(NamedTuple):
    """How a repository is reached; by default as the environment says."""

    # "_none_": none, whatever the environment says.
    proxy: str = ""
    proxy_login: str = ""
    # `user:password`
    login: str = ""
    verify: bool = True
    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    seconds: float = 30
    # Headers of the request for a URL.
    sign: Optional[Callable[[str], Dict[str, str]]] = None


class Wanted(NamedTuple):
    """A file of a repository."""

    path: str
    size: int
    sha256: str


class Source:
    """A repository's files, at one of several URLs or in a folder."""

    def __init__(self, bases: Sequence[str], access: Access = Access()) -> None:
        self._bases = [base.rstrip("/") + "/" for base in bases]
        self._access = access
        self._opener = None  # type: Any
        self._lock = threading.Lock()
        # Transferred so far.
        self.bytes = 0

    def read(self, path: str, limit: int) -> bytes:
        """A file that the caller verifies. Raises PatchProblem."""
        with self._open_any(path, 0) as response:
            data = bytes(response.read(limit + 1))
        if len(data) > limit:
            raise PatchProblem("{} is larger than {} bytes".format(path, limit))
        self._count(len(data))
        return data

    def fetch(self, wanted: Wanted, to: str) -> None:
        """Writes the file, which appears by rename if its digest is right. Raises PatchProblem or OSError."""
        part = to + PART
        for _ in range(_TRIES):
            if _size_of(part) > wanted.size:
                os.unlink(part)
            is_continued = _size_of(part) > 0
            self._append(wanted, part)
            # The connection ended early: continue.
            if _size_of(part) < wanted.size:
                continue
            if sha256_of(part) == wanted.sha256:
                os.rename(part, to)
                return
            os.unlink(part)
            # The part may have been of another file. What one response contained would only come again.
            if not is_continued:
                break
        found = "{} is not the file that the repository lists" if not os.path.exists(part) else "{}: the connection ended early"
        raise PatchProblem(found.format(wanted.path))

    def _append(self, wanted: Wanted, part: str) -> None:
        offset = _size_of(part)
        if offset == wanted.size:
            return
        with self._open_any(wanted.path, offset) as response, open(part, "ab") as file:
            # A server that ignores the range starts at the beginning.
            if getattr(response, "status", 206) != 206:
                file.truncate(0)
                offset = 0
            left = wanted.size - offset
            while left > 0:
                try:
                    piece = response.read(min(_PIECE, left))
                except (http.client.HTTPException, OSError):
                    break
                if not piece:
                    break
                file.write(piece)
                left -= len(piece)
                self._count(len(piece))

    def _count(self, size: int) -> None:
        with self._lock:
            self.bytes += size

    def _open_any(self, path: str, offset: int) -> Any:
        problem = None  # type: Optional[PatchProblem]
        for base in self._bases:
            try:
                return self._open(base, path, offset)
            except (OSError, ValueError, http.client.HTTPException) as error:
                problem = PatchProblem("{}: {}".format(path, _describe(error)))
        raise problem or PatchProblem("the repository has no address")

    def _open(self, base: str, path: str, offset: int) -> Any:
        scheme = urllib.parse.urlsplit(base).scheme
        if scheme in ("", "file"):
            file = open(os.path.join(urllib.request.url2pathname(urllib.parse.urlsplit(base).path) if scheme else base, path), "rb")
            file.seek(offset)
            return file
        if scheme not in ("http", "https"):
            raise ValueError("{}: is not supported".format(scheme))
        if self._opener is None:
            self._opener = _make_opener(self._access)
        address = urllib.parse.urlsplit(base)
        # S3 reads + as a space.
        url = urllib.parse.urlunsplit(address._replace(path=address.path.rstrip("/") + "/" + urllib.parse.quote(path, safe="/~")))
        request = urllib.request.Request(url)
        if offset > 0:
            request.add_header("Range", "bytes={}-".format(offset))
        if self._access.login:
            # These are not for the server that this one redirects to.
            request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(self._access.login.encode()).decode())
        for name, value in self._access.sign(url).items() if self._access.sign else ():
            request.add_unredirected_header(name, value)
        return self._opener.open(request, timeout=self._access.seconds)


def _make_opener(access: Access) -> Any:
    context = ssl.create_default_context(cafile=access.ca_file or None)
    if not access.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if access.client_certificate:
        context.load_cert_chain(access.client_certificate, access.client_key or None)
    proxies = None  # those of the environment
    if access.proxy == "_none_":
        proxies = {}
    elif access.proxy:
        proxy = access.proxy
        if access.proxy_login:
            proxy = proxy.replace("://", "://{}@".format(urllib.parse.quote(access.proxy_login, safe=":")), 1)
        proxies = {"http": proxy, "https": proxy}
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=context))


def _describe(error: Exception) -> object:
    if isinstance(error, urllib.error.HTTPError):
        return "HTTP {} {}".format(error.code, error.reason)
    return getattr(error, "reason", None) or error


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def sha256_of(path: str) -> str:
    hasher = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(_PIECE), b""):
            hasher.update(piece)
    return hasher.hexdigest()


def copy_file(source: str, to: str) -> None:
    """Appears by rename."""
    shutil.copyfile(source, to + PART)
    os.rename(to + PART, to)
