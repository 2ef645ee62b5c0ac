"""A repository as dnf 5 configured and cached it."""

import hashlib
import os
import re
import xml.etree.ElementTree

from typing import Any, Dict, List

from pinpack_patch.download import Access, Source
from pinpack_patch.patch_index import METADATA, parse_index
from pinpack_patch.problem import PatchProblem

from .actions import Actions

_NAMESPACE = "{http://linux.duke.edu/metadata/repo}"
_TRUE = ("1", "yes", "true", "on", "enabled")


class Repository:
    """Only with a signature of its metadata are patches trustworthy."""

    def __init__(self, actions: Actions, repo_id: str) -> None:
        self._actions = actions
        self._id = repo_id
        # libdnf5 names the folder by the first of these that is set.
        urls = [self._option(name) for name in ("metalink", "mirrorlist")] + self._list("baseurl")[:1]
        address = next((url for url in urls if url), repo_id)
        name = "{}-{}".format(repo_id, hashlib.sha256(address.encode()).hexdigest()[:16])
        self._cache = os.path.join(actions.option("cachedir"), name)
        self.packages = actions.option("destdir") or os.path.join(self._cache, "packages")

    def read_index(self) -> Dict[str, Any]:
        """RPMs by sha256; none without signed patches. Raises PatchProblem."""
        if self._option("repo_gpgcheck") not in _TRUE:
            return {}
        try:
            repomd = xml.etree.ElementTree.parse(os.path.join(self._cache, "repodata/repomd.xml"))
            record = repomd.find("{0}data[@type='{1}']".format(_NAMESPACE, METADATA))
            if record is None:
                return {}
            location = record.find(_NAMESPACE + "location").attrib["href"]  # type: ignore[union-attr]
            with open(os.path.join(self._cache, "repodata", os.path.basename(location)), "rb") as file:
                content = file.read()
            if hashlib.sha256(content).hexdigest() != record.findtext(_NAMESPACE + "checksum"):
                raise PatchProblem("the index of patches does not have the digest that the repository lists")
        except FileNotFoundError:
            # Metadata of a time before the plugin.
            return {}
        except (xml.etree.ElementTree.ParseError, AttributeError, KeyError) as error:
            raise PatchProblem("the metadata of {} is damaged: {}".format(self._id, error))
        return parse_index(content)

    def source(self) -> Source:
        """Raises PatchProblem."""
        bases = self._mirrors() + self._list("baseurl")
        if not bases:
            raise PatchProblem("{} has no baseurl and no mirrorlist".format(self._id))
        return Source(bases, self._access())

    def _mirrors(self) -> List[str]:
        """As dnf has cached them with the metadata."""
        try:
            with open(os.path.join(self._cache, "mirrorlist"), encoding="utf-8") as file:
                return [line.strip() for line in file if re.match(r"\s*(https?|file)://", line)]
        except FileNotFoundError:
            return []

    def _access(self) -> Access:
        def login(prefix: str) -> str:
            user = self._option(prefix + "username")
            return "{}:{}".format(user, self._option(prefix + "password")) if user else ""

        return Access(
            proxy=self._option("proxy"),
            proxy_login=login("proxy_"),
            login=login(""),
            verify=self._option("sslverify") in _TRUE,
            ca_file=self._option("sslcacert"),
            client_certificate=self._option("sslclientcert"),
            client_key=self._option("sslclientkey"),
            seconds=float(self._option("timeout") or 30),
        )

    def _option(self, name: str) -> str:
        return self._actions.option("{}.{}".format(self._id, name))

    def _list(self, name: str) -> List[str]:
        return [each for each in re.split(r"[,\s]+", self._option(name)) if each]
