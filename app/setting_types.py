"""What one setting may be, whatever the others are: the check and the type of each kind."""

import logging
import re
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import validate_email
from limits import parse
from pydantic import AfterValidator, Field, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.domain.caps import FEWEST, MOST
from app.extras import require_module
from app.i18n import LANGUAGES

_SHORTEST_SECRET = 32
_FEWEST_CHARACTERS = 10
#: The ports that go without saying.
DEFAULT_PORTS = {"http": 80, "https": 443}
#: Where rates may be counted, by the scheme of its address, and the module that reaches it.
_STORES = {
    "memory": None,
    "sqlite": None,
    "redis": "redis",
    "rediss": "redis",
    "valkey": "valkey",
    "valkeys": "valkey",
}
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host never leaves the machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def origin_of(url: str) -> str:
    """Return the origin of a web address as browsers write it: lower case, no default port."""
    parts = urlsplit(url.lower())
    host = parts.netloc.removesuffix(f":{DEFAULT_PORTS[parts.scheme]}").removesuffix(":")
    return f"{parts.scheme}://{host}"


def _check_key(key: SecretStr) -> SecretStr:
    secret = key.get_secret_value()
    if len(secret) < _SHORTEST_SECRET or len(set(secret)) < _FEWEST_CHARACTERS:
        raise ValueError(f"must be a random secret of at least {_SHORTEST_SECRET} characters")
    return key


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be a web address like https://caro.example.be")
    return url.rstrip("/")


def _check_origin(url: str) -> str:
    address = _check_url(url)
    if urlsplit(address).path:
        raise ValueError("must be origins like https://bank.example.be, without a path")
    return address


def _check_ops_address(address: str) -> str:
    host, _, port = address.rpartition(":")
    if address and not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError("must be an address and a port like 127.0.0.1:9464, or empty")
    return address


def _check_rate(rate: str) -> str:
    try:
        parse(rate)
    except ValueError:
        raise ValueError("must be a rate like 60 per hour") from None
    return rate


def _check_language(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return language


def _check_database_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("must start with sqlite:/// or postgresql://")
    try:
        name = make_url(url).database
    except (ArgumentError, ValueError):
        raise ValueError("must be a database address, its port a number") from None
    if name in (None, "", ":memory:"):
        raise ValueError("must name the database, as in sqlite:////var/lib/caro/caro.db")
    if not url.startswith("sqlite"):
        require_module("psycopg")
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _check_rate_storage(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = "://" in url and parts.scheme in _STORES and parts.port != 0
        # A file from the root on: processes may run in several folders.
        known = known and (parts.scheme != "sqlite" or url.startswith("sqlite:////"))
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be memory:// or an address like redis://127.0.0.1:6379")
    if module := _STORES[parts.scheme]:
        require_module(module)
    return url


def _check_log_level(level: str) -> str:
    if level.upper() not in logging.getLevelNamesMapping():
        raise ValueError("must be a level like INFO or WARNING")
    return level.upper()


def _check_sender(text: str) -> str:
    try:
        [(_name, address)] = getaddresses([text])
        validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
        # No command to a relay carries anything else, and no header a second line.
        known = address.isascii() and text.isprintable()
    except ValueError:  # EmailNotValidError is one
        known = False
    if not known:
        raise ValueError("must be one address like CARO <caro@example.be>")
    return text


def _check_host(host: str) -> str:
    try:
        ip_address(host)
    except ValueError:
        if host and not _HOST.fullmatch(host):
            raise ValueError("must be a host like smtp.example.be, without port or scheme") from None
    return host


def _check_smtp_text(text: str) -> str:
    if not text.isascii():
        raise ValueError("must be plain ASCII: a relay is told nothing else")
    return text


def _check_smtp_secret(secret: SecretStr) -> SecretStr:
    _check_smtp_text(secret.get_secret_value())
    return secret


Secret = Annotated[SecretStr, AfterValidator(_check_key)]
WebAddress = Annotated[str, AfterValidator(_check_url)]
Origin = Annotated[str, AfterValidator(_check_origin)]
OpsAddress = Annotated[str, AfterValidator(_check_ops_address)]
Rate = Annotated[str, AfterValidator(_check_rate)]
Cap = Annotated[int, Field(ge=FEWEST, le=MOST)]
Language = Annotated[str, AfterValidator(_check_language)]
DatabaseUrl = Annotated[str, AfterValidator(_check_database_url)]
RateStorage = Annotated[str, AfterValidator(_check_rate_storage)]
LogLevel = Annotated[str, AfterValidator(_check_log_level)]
Sender = Annotated[str, AfterValidator(_check_sender)]
HostName = Annotated[str, AfterValidator(_check_host)]
UserName = Annotated[str, AfterValidator(_check_smtp_text)]
Password = Annotated[SecretStr, AfterValidator(_check_smtp_secret)]
