"""The settings that an administrator makes: /etc/web-service/web-service.toml, or the file that WEB_SERVICE_CONFIG names."""

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_FILE = Path("/etc/web-service/web-service.toml")


class ConfigurationError(Exception):
    """The file can't be used; the message names it and every issue."""


@dataclass(frozen=True)
class Configuration:
    bind: str = "127.0.0.1:8000"
    workers: int = 2
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    state: Path = Path("/var/lib/web-service")

    @property
    def database(self) -> Path:
        return self.state / "notes.sqlite3"

    def secret_key(self) -> str:
        """Made at the first start, for this machine alone."""
        file = self.state / "secret-key"
        self.state.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text(encoding="ascii")
        key = secrets.token_urlsafe(48)
        with open(descriptor, "w", encoding="ascii") as output:
            output.write(key)
        return key


def read_configuration(environment: Mapping[str, str] = os.environ) -> Configuration:
    """The defaults, where there is no such file."""
    file = Path(environment.get("WEB_SERVICE_CONFIG", DEFAULT_FILE))
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Configuration()
    return parse_configuration(text, file)


def parse_configuration(text: str, file: Path) -> Configuration:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    expected = {
        "bind": ("an address and a port such as 127.0.0.1:8000", is_address),
        "workers": ("a number from 1 to 64", lambda value: type(value) is int and 1 <= value <= 64),
        "allowed-hosts": ("a list of names", is_names),
        "state": ("an absolute path", lambda value: isinstance(value, str) and value.startswith("/")),
    }
    issues = [f"{key} is not a setting, expected {', '.join(expected)}" for key in table if key not in expected]
    for key, (form, fits) in expected.items():
        if key in table and not fits(table[key]):
            issues.append(f"{key} is {table[key]!r}, expected {form}")
    if issues:
        raise ConfigurationError("\n  ".join([f"{file}: {len(issues)} settings are wrong", *issues]))
    return configuration_of(table)


def configuration_of(table: Mapping[str, object]) -> Configuration:
    types = {"allowed-hosts": tuple, "state": Path}
    return Configuration(**{key.replace("-", "_"): types.get(key, lambda value: value)(value) for key, value in table.items()})


def is_address(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\S+:\d{1,5}", value) is not None


def is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name for name in value)
