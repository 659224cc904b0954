"""Typed settings, read once from the environment and refused at start when weak."""

import logging
import re
from dataclasses import fields
from datetime import timedelta
from email.utils import getaddresses, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from email_validator import validate_email
from limits import parse
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.domain.caps import FEWEST, MOST, MOST_OF_AN_OFFICE, Caps
from app.domain.reminder_schedule import REMINDERS
from app.domain.terms import Operator
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from app.operator_settings import OperatorSettings

_SHORTEST_SECRET = 32
_FEWEST_CHARACTERS = 10
#: The ports that go without saying.
DEFAULT_PORTS = {"http": 80, "https": 443}
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
        make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("must be a database address, its port a number") from None
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


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
Rate = Annotated[str, AfterValidator(_check_rate)]
Cap = Annotated[int, Field(ge=FEWEST, le=MOST)]
Language = Annotated[str, AfterValidator(_check_language)]
DatabaseUrl = Annotated[str, AfterValidator(_check_database_url)]
LogLevel = Annotated[str, AfterValidator(_check_log_level)]
Sender = Annotated[str, AfterValidator(_check_sender)]
HostName = Annotated[str, AfterValidator(_check_host)]
UserName = Annotated[str, AfterValidator(_check_smtp_text)]
Password = Annotated[SecretStr, AfterValidator(_check_smtp_secret)]

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"


class InvalidSettings(SystemExit):
    """The settings cannot be started with; one line that names the setting, never its value."""

    def __init__(self, error: ValidationError) -> None:
        reasons = "; ".join(_error_reason(e["loc"], e["msg"]) for e in error.errors(include_input=False))
        super().__init__(f"caro: will not start: {reasons}")


class Settings(OperatorSettings):
    """Everything that may differ between a laptop, a staging server and production."""

    model_config = SettingsConfigDict(
        env_prefix="CARO_", env_file=INSTANCE / "caro.env", extra="ignore", frozen=True
    )

    secret_keys: Annotated[tuple[Secret, ...], NoDecode]
    bank_api_key: Secret
    simulation: bool = False
    database_url: DatabaseUrl = f"sqlite:///{INSTANCE / 'caro.db'}"
    public_url: WebAddress = "http://localhost:8000"
    bank_url: WebAddress = "http://127.0.0.1:8001"
    challenge_origins: Annotated[tuple[Origin, ...], NoDecode] = ("http://127.0.0.1:8001",)
    bank_connect_seconds: float = Field(default=3, gt=0, allow_inf_nan=False)
    bank_deadline_seconds: float = Field(default=10, gt=0, allow_inf_nan=False)
    reminder_days: Annotated[tuple[int, ...], NoDecode] = (14, 28, 42)
    link_days: int = Field(default=56, le=3650)
    language: Language = DEFAULT_LANGUAGE
    trusted_proxies: int = Field(default=0, ge=0)
    refusals_a_day: Cap = Caps.refusals_a_day
    sends_a_day: Cap = Caps.sends_a_day
    sign_in_links_an_hour: Cap = Caps.sign_in_links_an_hour
    corrections_a_day: Cap = Caps.corrections_a_day
    office_corrections_an_hour: int = Field(
        default=Caps.office_corrections_an_hour, ge=FEWEST, le=MOST_OF_AN_OFFICE
    )
    link_rate: Rate = "120 per minute"
    card_rate: Rate = "60 per hour"
    sign_in_rate: Rate = "300 per hour"
    export_rate: Rate = "60 per hour"
    qa_office_rate: Rate | None = None
    rate_storage: str = "memory://"
    mail_folder: Path = INSTANCE / "mail"
    mail_sender: Sender = "CARO <caro@example.be>"
    support_contact: Sender | None = None
    smtp_host: HostName = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: UserName = ""
    smtp_password: Password = SecretStr("")
    #: Shorter than the lease of a mail, or two workers would send the same one.
    smtp_seconds: float = Field(default=30, gt=0, le=240)
    log_level: LogLevel = "INFO"
    build: str = "development"

    @field_validator("secret_keys", "challenge_origins", "reminder_days", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("reminder_days", mode="before")
    @classmethod
    def _perhaps_none(cls, days: object) -> object:
        return () if days in ("", ("",)) else days

    @field_validator("reminder_days")
    @classmethod
    def _days_in_order(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if len(days) > len(REMINDERS) or list(days) != sorted(set(days)) or min(days, default=1) < 1:
            raise ValueError("must be up to three days after the invitation, in order, like 14,28,42")
        return days

    @model_validator(mode="after")
    def _link_outlives_reminders(self) -> "Settings":
        if self.link_days <= max(self.reminder_days, default=0):
            raise ValueError("CARO_LINK_DAYS must be beyond the last of CARO_REMINDER_DAYS")
        return self

    @model_validator(mode="after")
    def _production_is_encrypted(self) -> "Settings":
        if self.production and not self.uses_https:
            raise ValueError("CARO_PUBLIC_URL must be https in production")
        if self.production and not self.bank_url.startswith("https://"):
            raise ValueError("CARO_BANK_URL must be https in production: card numbers travel there")
        if self.production and not all(o.startswith("https://") for o in self.challenge_origins):
            raise ValueError("CARO_CHALLENGE_ORIGINS must be https in production")
        return self

    @model_validator(mode="after")
    def _relay_knows_us_or_not(self) -> "Settings":
        if bool(self.smtp_user) != bool(self.smtp_password.get_secret_value()):
            raise ValueError("CARO_SMTP_USER and CARO_SMTP_PASSWORD must stand together")
        return self

    @model_validator(mode="after")
    def _production_sends_mails(self) -> "Settings":
        if self.production and not self.smtp_host:
            raise ValueError("CARO_SMTP_HOST must be set in production: no mail would reach anybody")
        if self.production and self.smtp_security == "none" and not is_loopback(self.smtp_host):
            raise ValueError("CARO_SMTP_SECURITY must be starttls or tls in production: links travel there")
        return self

    @model_validator(mode="after")
    def _simulation_is_apart(self) -> "Settings":
        if self.simulation and self.production:
            raise ValueError("CARO_SIMULATION must be false in production: anybody may test there")
        if self.simulation and self.smtp_host:
            raise ValueError("CARO_SMTP_HOST must be empty in a simulation: testers write to made-up people")
        return self

    def rate_limit(self, name: str) -> str | None:
        """Return a rate, None where there is none; in a simulation only one that was set slows anybody down.

        Whoever tries everything there, by hand or with a program, is no attacker.
        """
        rate: str | None = getattr(self, name)
        return None if self.simulation and name not in self.model_fields_set else rate

    @property
    def caps(self) -> Caps:
        """How often is enough."""
        return Caps(**{cap.name: getattr(self, cap.name) for cap in fields(Caps)})

    @property
    def support_address(self) -> str:
        """Whom accountants write to when nothing else helps; without a setting, whoever sends the mails."""
        return parseaddr(self.support_contact or self.mail_sender)[1]

    @property
    def operator(self) -> Operator:
        """Who runs the service, as the conditions say it."""
        return Operator(
            company=self.operator_company,
            enterprise_number=self.operator_enterprise_number,
            address=self.operator_address,
            controller=self.operator_controller or self.operator_company,
            contact=self.operator_contact,
            link_days=self.link_days,
            demonstration=not self.production,
        )

    @property
    def uses_https(self) -> bool:
        """Whether the public address is https: cookies are Secure exactly then."""
        return self.public_url.startswith("https://")

    @property
    def link_life(self) -> timedelta:
        """How long a link lives after it was last sent."""
        return timedelta(days=self.link_days)


def load_settings(env_file: Path = INSTANCE / "caro.env") -> Settings:
    """Read environment and file; raise InvalidSettings where the product must not start with them."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise InvalidSettings(error) from None


def _error_reason(where: tuple[int | str, ...], message: str) -> str:
    name = f"CARO_{where[0]}".upper() if where else ""
    text = message.removeprefix("Value error, ")
    return f"{name} {text}".strip()
