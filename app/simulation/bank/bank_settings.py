"""The simulated bank's own settings, apart from the product's but for the key that both share."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from app.paths import instance_folder
from app.secret_files import SettingsWithSecretFiles

_SHORTEST_KEY = 32


class SimulationForbidden(SystemExit):
    """The simulated bank must not run like this; one line that says why, never a value."""


class SimulatedBankSettings(SettingsWithSecretFiles):
    """Where the simulated bank lives, who may call it, where it may send browsers back to."""

    model_config = SettingsConfigDict(
        env_prefix="CARO_SIM_",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )
    SECRETS = frozenset({"api_key"})

    api_key: SecretStr = Field(validation_alias="CARO_BANK_API_KEY")
    production: bool = Field(default=False, validation_alias="CARO_PRODUCTION")
    public_url: str = "http://127.0.0.1:8001"
    return_origins: Annotated[tuple[str, ...], NoDecode] = ("http://localhost:8000",)
    database: Path = Field(default_factory=lambda: instance_folder() / "bank.db")
    hang_seconds: float = Field(default=30, ge=0)
    late_seconds: float = Field(default=20, ge=0)

    @field_validator("api_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"must have at least {_SHORTEST_KEY} characters")
        return key

    @field_validator("public_url")
    @classmethod
    def _strip_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("return_origins", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("return_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not all(origin == url_origin(origin) for origin in origins):
            raise ValueError("must be origins like http://localhost:8000, separated by commas")
        return origins


def load_bank_settings() -> SimulatedBankSettings:
    """Read the settings from the environment; raise SimulationForbidden where they are missing or weak."""
    try:
        return SimulatedBankSettings(_env_file=instance_folder() / "caro.env")
    except ValidationError as error:
        reasons = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors(include_input=False))
        raise SimulationForbidden(f"caro simulator: will not start: {reasons}") from None


def refuse_production(settings: SimulatedBankSettings) -> None:
    """Raise SimulationForbidden in production, where a toy bank would activate anybody's card."""
    if settings.production:
        raise SimulationForbidden("caro simulator: will not start: CARO_PRODUCTION is set")


def url_origin(url: str) -> str | None:
    """Return scheme and host of a web address as browsers write an origin, None where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.netloc}"
