"""Addresses of S3 buckets, and requests signed with AWS Signature Version 4 (docs.aws.amazon.com, "Signature Version 4 for API requests").

Credentials are those of the environment, otherwise those of ~/.aws/credentials; without any, requests are not signed. They appear in no message.
"""

import configparser
import hashlib
import hmac
import os
import re
import time
import urllib.parse

from typing import Callable, Dict, Mapping, NamedTuple, Optional

from pinpack_patch.problem import PatchProblem

_ALGORITHM = "AWS4-HMAC-SHA256"
_NO_BODY = hashlib.sha256(b"").hexdigest()

Signer = Callable[[str], Dict[str, str]]


class Credentials(NamedTuple):
    key_id: str
    secret: str
    # "": none.
    token: str


class Bucket(NamedTuple):
    """A prefix in a bucket, as publications name it: s3://bucket/prefix?region=…&endpoint=…&pathStyle=true"""

    address: str
    region: str


def parse_bucket(source: str, environment: Mapping[str, str]) -> Bucket:
    url = urllib.parse.urlsplit(source)
    options = dict(urllib.parse.parse_qsl(url.query))
    region = options.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
    endpoint = options.get("endpoint") or environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    path = urllib.parse.quote(urllib.parse.unquote(url.path), safe="/~")
    scheme, _, host = (endpoint or "https://s3.{}.amazonaws.com".format(region)).rstrip("/").partition("://")
    if options.get("pathStyle") == "true":
        return Bucket("{}://{}/{}{}".format(scheme, host, url.netloc, path), region)
    return Bucket("{}://{}.{}{}".format(scheme, url.netloc, host, path), region)


def find_credentials(environment: Mapping[str, str]) -> Optional[Credentials]:
    """Raises PatchProblem if they are incomplete."""
    values = environment if environment.get("AWS_ACCESS_KEY_ID") else _read_profile(environment)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    found = Credentials(*(values.get(name, "").strip() for name in names))
    if not found.key_id:
        return None
    if not found.secret:
        raise PatchProblem("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
    # http.client quotes a header that it refuses.
    for name, value in zip(names, found):
        if not re.match(r"[!-~]*\Z", value):
            raise PatchProblem("{} contains characters that no credential has".format(name))
    return found


def _read_profile(environment: Mapping[str, str]) -> Dict[str, str]:
    path = environment.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.expanduser("~/.aws/credentials")
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        # The parser's own message quotes lines.
        raise PatchProblem("{} is not a file of credentials".format(path))
    profile = environment.get("AWS_PROFILE") or "default"
    return {name.upper(): value for name, value in parser.items(profile)} if parser.has_section(profile) else {}


def make_signer(credentials: Credentials, region: str, now: Callable[[], float] = time.time) -> Signer:
    """Gives the headers of a GET request."""

    def sign(url: str) -> Dict[str, str]:
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now()))
        address = urllib.parse.urlsplit(url)
        headers = {"host": address.netloc, "x-amz-content-sha256": _NO_BODY, "x-amz-date": moment}
        if credentials.token:
            headers["x-amz-security-token"] = credentials.token
        names = ";".join(sorted(headers))
        lines = ["{}:{}\n".format(name, headers[name]) for name in sorted(headers)]
        canonical = "\n".join(["GET", address.path or "/", address.query, "".join(lines), names, _NO_BODY])
        scope = "/".join([moment[:8], region, "s3", "aws4_request"])
        text = "\n".join([_ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + credentials.secret).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        form = "{} Credential={}/{}, SignedHeaders={}, Signature={}"
        del headers["host"]
        return dict(headers, authorization=form.format(_ALGORITHM, credentials.key_id, scope, names, signature))

    return sign
