"""Typed settings, read once from the environment and refused at start when weak."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from string import ascii_letters
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from app.domain.caps import FEWEST, MOST_OF_AN_OFFICE, Caps
from app.domain.reminder_schedule import REMINDERS
from app.domain.terms import Operator
from app.i18n import DEFAULT_LANGUAGE
from app.operator_settings import OperatorSettings
from app.paths import instance_folder
from app.setting_types import (
    Cap,
    DatabaseUrl,
    HostName,
    Language,
    LogLevel,
    OpsAddress,
    Origin,
    Password,
    Rate,
    RateStorage,
    Secret,
    Sender,
    UserName,
    WebAddress,
    is_loopback,
)


class InvalidSettings(SystemExit):
    """The settings cannot be started with; one line that names each, never a value."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"caro: will not start: {'; '.join(faults)}")
        self.faults = faults


class Settings(OperatorSettings):
    """Everything that may differ between a laptop, a staging server and production."""

    model_config = SettingsConfigDict(env_prefix="CARO_", extra="ignore", frozen=True)
    #: Addresses too: they may hold a password.
    SECRETS = frozenset({"secret_keys", "bank_api_key", "smtp_password", "database_url", "rate_storage"})

    secret_keys: Annotated[tuple[Secret, ...], NoDecode]
    bank_api_key: Secret
    simulation: bool = False
    database_url: DatabaseUrl = Field(default_factory=lambda: f"sqlite:///{instance_folder() / 'caro.db'}")
    public_url: WebAddress = "http://localhost:8000"
    bank_url: WebAddress = "http://127.0.0.1:8001"
    challenge_origins: Annotated[tuple[Origin, ...], NoDecode] = ("http://127.0.0.1:8001",)
    bank_connect_seconds: float = Field(default=3, gt=0, allow_inf_nan=False)
    bank_deadline_seconds: float = Field(default=10, gt=0, allow_inf_nan=False)
    bank_calls: int = Field(default=6, ge=1)
    reminder_days: Annotated[tuple[int, ...], NoDecode] = (14, 28, 42)
    link_days: int = Field(default=56, le=3650)
    language: Language = DEFAULT_LANGUAGE
    trusted_proxies: int = Field(default=0, ge=0)
    ops_address: OpsAddress = "127.0.0.1:9464"
    session_retention_days: int = Field(default=30, ge=1, le=3650)
    mail_retention_months: int = Field(default=13, ge=1, le=120)
    refusals_a_day: Cap = Caps.refusals_a_day
    sends_a_day: Cap = Caps.sends_a_day
    sign_in_links_an_hour: Cap = Caps.sign_in_links_an_hour
    corrections_a_day: Cap = Caps.corrections_a_day
    office_corrections_an_hour: int = Field(
        default=Caps.office_corrections_an_hour, ge=FEWEST, le=MOST_OF_AN_OFFICE
    )
    link_rate: Rate = "120 per minute"
    card_rate: Rate = "60 per hour"
    refused_card_rate: Rate = "20 per hour"
    sign_in_rate: Rate = "300 per hour"
    export_rate: Rate = "60 per hour"
    upload_rate: Rate = "60 per hour"
    qa_office_rate: Rate | None = None
    rate_storage: RateStorage = "memory://"
    mail_folder: Path = Field(default_factory=lambda: instance_folder() / "mail")
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

    def find_conflicts(self) -> list[str]:
        """Say what does not go together of what is right by itself."""
        conflicts = (sentence for is_conflict, sentence in _CONFLICTS if is_conflict(self))
        return [*super().find_conflicts(), *conflicts]

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
    def ops_listener(self) -> tuple[str, int] | None:
        """Where the operator's machines ask, None where nothing listens for them."""
        host, _, port = self.ops_address.rpartition(":")
        return (host.strip("[]"), int(port)) if port else None

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
    def mail_retention(self) -> timedelta:
        """How long mails that have left, or were given up, stay listed; a month is its longest."""
        return timedelta(days=31 * self.mail_retention_months)

    @property
    def link_life(self) -> timedelta:
        """How long a link lives after it was last sent."""
        return timedelta(days=self.link_days)


#: What may be right by itself, and not beside the others.
_CONFLICTS: tuple[tuple[Callable[[Settings], bool], str], ...] = (
    (
        lambda s: s.link_days <= max(s.reminder_days, default=0),
        "CARO_LINK_DAYS must be beyond the last of CARO_REMINDER_DAYS",
    ),
    (lambda s: s.production and not s.uses_https, "CARO_PUBLIC_URL must be https in production"),
    (
        lambda s: s.production and not s.bank_url.startswith("https://"),
        "CARO_BANK_URL must be https in production: card numbers travel there",
    ),
    (
        lambda s: s.production and not all(o.startswith("https://") for o in s.challenge_origins),
        "CARO_CHALLENGE_ORIGINS must be https in production",
    ),
    (
        lambda s: bool(s.smtp_user) != bool(s.smtp_password.get_secret_value()),
        "CARO_SMTP_USER and CARO_SMTP_PASSWORD must stand together",
    ),
    (
        lambda s: s.production and not s.smtp_host,
        "CARO_SMTP_HOST must be set in production: no mail would reach anybody",
    ),
    (
        lambda s: s.production and s.smtp_security == "none" and not is_loopback(s.smtp_host),
        "CARO_SMTP_SECURITY must be starttls or tls in production: links travel there",
    ),
    (
        lambda s: s.simulation and s.production,
        "CARO_SIMULATION must be false in production: anybody may test there",
    ),
    (
        lambda s: s.simulation and bool(s.smtp_host),
        "CARO_SMTP_HOST must be empty in a simulation: testers write to made-up people",
    ),
)


class _LooseSettings(Settings):
    """Settings of which each is right by itself, whatever the others are."""

    def find_conflicts(self) -> list[str]:
        """Let everything go together."""
        return []


@dataclass(frozen=True)
class ExaminedSettings:
    """Every fault, and settings to look further with, in which others stand in for the broken ones."""

    settings: Settings
    faults: list[str]
    broken: frozenset[str]


def load_settings(env_file: Path | None = None) -> Settings:
    """Read environment and file; raise InvalidSettings where the product must not start with them."""
    examined = examine_settings(env_file)
    if examined.faults:
        raise InvalidSettings(examined.faults)
    return examined.settings


def examine_settings(env_file: Path | None = None) -> ExaminedSettings:
    """Read environment and file, and find everything that is wrong by itself or beside the rest."""
    file = env_file or instance_folder() / "caro.env"
    try:
        return ExaminedSettings(Settings(_env_file=file), [], frozenset())
    except UnicodeDecodeError:
        loose = _LooseSettings(_env_file=None, **{name: _stand_in(name) for name in Settings.model_fields})
        return ExaminedSettings(loose, [f"{file} must be saved in UTF-8"], frozenset(Settings.model_fields))
    except ValidationError as error:
        broken = {str(fault["loc"][0]): _fault_sentence(fault) for fault in error.errors() if fault["loc"]}
    loose = _LooseSettings(_env_file=file, **{name: _stand_in(name) for name in broken})
    names = tuple(f"CARO_{name}".upper() for name in broken)
    # What is said of a broken setting is said already.
    conflicts = [text for text in Settings.find_conflicts(loose) if not text.startswith(names)]
    return ExaminedSettings(loose, [*broken.values(), *conflicts], frozenset(broken))


def _stand_in(name: str) -> Any:
    field = Settings.model_fields[name]
    return ascii_letters if field.is_required() else field.get_default(call_default_factory=True)


def _fault_sentence(fault: Mapping[str, Any]) -> str:
    missing = "must be set; 'caro keys new' draws one"
    message = missing if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
    return f"CARO_{fault['loc'][0]}".upper() + " " + message
