"""Secrets in files of their own: CARO_X_FILE names the file that holds the value of CARO_X."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

#: A file of root's may be read by its group: so do service managers and containers hand secrets over.
_OTHERS, _OTHERS_THAN_ROOTS_GROUP = 0o077, 0o037


@dataclass(frozen=True)
class _UnreadSecret:
    """Stands where a secret should, and says why it is not there."""

    reason: str


class SettingsWithSecretFiles(BaseSettings):
    """Settings some of which may stand in a file that nobody else reads."""

    SECRETS: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Look for the files before the environment, so that a secret that is given twice is noticed."""
        files = _SecretFileSource(cls, dotenv_settings, env_settings)
        return init_settings, files, env_settings, dotenv_settings

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_unread_secret(cls, value: object) -> object:
        if isinstance(value, _UnreadSecret):
            raise ValueError(value.reason)  # noqa: TRY004  # a setting is wrong, not the program
        return value


class _SecretFileSource(PydanticBaseSettingsSource):
    """What the named files hold; the environment outranks the file of settings."""

    def __init__(
        self, settings_cls: type[SettingsWithSecretFiles], *sources: PydanticBaseSettingsSource
    ) -> None:
        super().__init__(settings_cls)
        self._secrets = settings_cls.SECRETS
        self._given: dict[str, str | None] = {}
        for source in sources:
            if isinstance(source, EnvSettingsSource):
                self._given.update(source.env_vars)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return what the file of a setting holds, None where none is named."""
        key = str(field.validation_alias or field_name)
        name = key if field.validation_alias else f"{self.config['env_prefix']}{key}".upper()
        path = self._given.get(f"{name}_file".lower())
        if not path or field_name not in self._secrets:
            return None, key, False
        if name.lower() in self._given:
            return _UnreadSecret(f"must be given once: by itself, or as {name}_FILE"), key, False
        return _read_secret(Path(path)), key, False

    def __call__(self) -> dict[str, Any]:
        """Return the settings that stand in files."""
        fields = self.settings_cls.model_fields.items()
        found = (self.get_field_value(field, name) for name, field in fields)
        return {key: value for value, key, _ in found if value is not None}


def _read_secret(path: Path) -> str | _UnreadSecret:
    try:
        status = path.stat()
        if status.st_mode & (_OTHERS if status.st_uid else _OTHERS_THAN_ROOTS_GROUP):
            return _UnreadSecret(f"must be in a file that nobody else may read: chmod 600 {path}")
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        return _UnreadSecret(f"cannot be read from {path}: {reason}")
