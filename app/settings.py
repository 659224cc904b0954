"""Typed settings, read once from the environment and refused at start when weak."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from limits import parse
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
_SHORTEST_SECRET = 32
_FEWEST_CHARACTERS = 10


class BadSettings(SystemExit):
    """The settings cannot be started with; one line that names the setting, never its value."""

    def __init__(self, error: ValidationError) -> None:
        reasons = "; ".join(_reason(e["loc"], e["msg"]) for e in error.errors(include_input=False))
        super().__init__(f"caro: will not start: {reasons}")


class Settings(BaseSettings):
    """Everything that may differ between a laptop, a staging server and production."""

    model_config = SettingsConfigDict(
        env_prefix="CARO_", env_file=INSTANCE / "caro.env", extra="ignore", frozen=True
    )

    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode]
    bank_api_key: SecretStr
    production: bool = False
    database_url: str = f"sqlite:///{INSTANCE / 'caro.db'}"
    public_url: str = "http://localhost:8000"
    bank_url: str = "http://127.0.0.1:8001"
    challenge_origins: Annotated[tuple[str, ...], NoDecode] = ("http://127.0.0.1:8001",)
    bank_connect_seconds: float = Field(default=3, gt=0, allow_inf_nan=False)
    bank_deadline_seconds: float = Field(default=10, gt=0, allow_inf_nan=False)
    reminder_days: Annotated[tuple[int, ...], NoDecode] = (14, 28, 42)
    link_days: int = Field(default=56, le=3650)
    language: str = "fr"
    trusted_proxies: int = Field(default=0, ge=0)
    link_rate: str = "120 per minute"
    card_rate: str = "60 per hour"
    rate_storage: str = "memory://"
    mail_folder: Path = INSTANCE / "mail"
    mail_sender: str = "CARO <caro@example.be>"
    log_level: str = "INFO"
    build: str = "development"

    @field_validator("secret_keys", "challenge_origins", "reminder_days", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("secret_keys")
    @classmethod
    def _strong_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        return tuple(_strong(key) for key in keys)

    @field_validator("bank_api_key")
    @classmethod
    def _strong_key(cls, key: SecretStr) -> SecretStr:
        return _strong(key)

    @field_validator("public_url", "bank_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        return _address(url)

    @field_validator("challenge_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if any(urlsplit(_address(origin)).path.rstrip("/") for origin in origins):
            raise ValueError("must be origins like https://bank.example.be, without a path")
        return tuple(_address(origin) for origin in origins)

    @field_validator("link_rate", "card_rate")
    @classmethod
    def _rate(cls, rate: str) -> str:
        try:
            parse(rate)
        except ValueError:
            raise ValueError("must be a rate like 60 per hour") from None
        return rate

    @field_validator("language")
    @classmethod
    def _known_language(cls, language: str) -> str:
        if language not in LANGUAGES:
            raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
        return language

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        try:
            make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("must be a database address, its port a number") from None
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, level: str) -> str:
        if level.upper() not in logging.getLevelNamesMapping():
            raise ValueError("must be a level like INFO or WARNING")
        return level.upper()

    @model_validator(mode="after")
    def _link_outlives_reminders(self) -> "Settings":
        if self.link_days <= max(self.reminder_days, default=0):
            raise ValueError("CARO_LINK_DAYS must be beyond the last of CARO_REMINDER_DAYS")
        return self

    @model_validator(mode="after")
    def _production_is_encrypted(self) -> "Settings":
        if self.production and not self.secure:
            raise ValueError("CARO_PUBLIC_URL must be https in production")
        if self.production and not self.bank_url.startswith("https://"):
            raise ValueError("CARO_BANK_URL must be https in production: card numbers travel there")
        if self.production and not all(o.startswith("https://") for o in self.challenge_origins):
            raise ValueError("CARO_CHALLENGE_ORIGINS must be https in production")
        return self

    @property
    def secure(self) -> bool:
        """Whether the public address is https: cookies are Secure exactly then."""
        return self.public_url.startswith("https://")

    @property
    def link_life(self) -> timedelta:
        """How long a link lives after it was last sent."""
        return timedelta(days=self.link_days)


def load_settings(env_file: Path = INSTANCE / "caro.env") -> Settings:
    """Read environment and file; raise BadSettings where the product must not start with them."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise BadSettings(error) from None


def _reason(where: tuple[int | str, ...], message: str) -> str:
    name = f"CARO_{where[0]}".upper() if where else ""
    text = message.removeprefix("Value error, ")
    return f"{name} {text}".strip()


def _strong(key: SecretStr) -> SecretStr:
    secret = key.get_secret_value()
    if len(secret) < _SHORTEST_SECRET or len(set(secret)) < _FEWEST_CHARACTERS:
        raise ValueError(f"must be a random secret of at least {_SHORTEST_SECRET} characters")
    return key


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be a web address like https://caro.example.be")
    return url.rstrip("/")
