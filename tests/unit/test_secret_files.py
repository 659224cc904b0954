"""A secret may stand in a file of its own, that only whoever runs the product can read."""

import os
from pathlib import Path

import pytest

from app.settings import InvalidSettings, Settings, load_settings
from app.simulation.bank.bank_settings import SimulatedBankSettings

STRONG, OTHER = "kR7-wq2Lp9_xZ4vB6nM1sD8fG3hJ5tYc", "cYt5Jh3Gf8Ds1Mn6Bv4Zx_9pL2qw-7Rk"
VALUES = {
    "CARO_SECRET_KEYS": f"{STRONG}, {OTHER}\n",
    "CARO_BANK_API_KEY": f"{OTHER}\n",
    "CARO_SMTP_PASSWORD": "pass word\n",
    "CARO_DATABASE_URL": "postgresql://caro:hunter2@db/caro\n",
    "CARO_RATE_STORAGE": "redis://:hunter2@rates",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Every secret in a file of its own."""
    for name, value in VALUES.items():
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_text(value)
    return {name: tmp_path / name for name in VALUES}


def load(folder: Path, files: dict[str, Path], *more: str) -> Settings:
    lines = [f"{name}_FILE='{path}'" for name, path in files.items()]
    env_file = folder / "caro.env"
    env_file.write_text("\n".join((*lines, "CARO_SMTP_USER=caro", *more)))
    return load_settings(env_file)


def refusal(folder: Path, files: dict[str, Path], *more: str) -> str:
    with pytest.raises(InvalidSettings) as refused:
        load(folder, files, *more)
    (sentence,) = refused.value.faults
    assert not any(value.strip() in sentence for value in VALUES.values())
    return sentence


def test_every_secret_can_be_a_file(tmp_path: Path, files: dict[str, Path]) -> None:
    settings = load(tmp_path, files)
    assert [key.get_secret_value() for key in settings.secret_keys] == [STRONG, OTHER]
    assert settings.bank_api_key.get_secret_value() == OTHER
    assert settings.smtp_password.get_secret_value() == "pass word"
    assert settings.database_url == "postgresql+psycopg://caro:hunter2@db/caro"
    assert settings.rate_storage == "redis://:hunter2@rates"
    assert set(files) == {f"CARO_{name}".upper() for name in Settings.SECRETS}


def test_what_a_file_holds_is_checked_too(tmp_path: Path, files: dict[str, Path]) -> None:
    files["CARO_BANK_API_KEY"].write_text("weak")
    assert refusal(tmp_path, files) == "CARO_BANK_API_KEY must be a random secret of at least 32 characters"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o666])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, files: dict[str, Path], mode: int) -> None:
    file = files["CARO_BANK_API_KEY"]
    if os.geteuid() == 0:
        os.chown(file, 65534, -1)
    file.chmod(mode)
    sentence = refusal(tmp_path, files)
    assert sentence == f"CARO_BANK_API_KEY must be in a file that nobody else may read: chmod 600 {file}"


def test_a_file_that_is_not_there_is_told(tmp_path: Path, files: dict[str, Path]) -> None:
    file = files["CARO_SECRET_KEYS"]
    file.unlink()
    expected = f"CARO_SECRET_KEYS cannot be read from {file}: No such file or directory"
    assert refusal(tmp_path, files) == expected


def test_a_file_that_is_no_text_is_told(tmp_path: Path, files: dict[str, Path]) -> None:
    files["CARO_SECRET_KEYS"].write_bytes(b"\xff" * 40)
    assert refusal(tmp_path, files).endswith(": it is no text")


def test_a_secret_is_given_once(tmp_path: Path, files: dict[str, Path]) -> None:
    sentence = refusal(tmp_path, files, f"CARO_BANK_API_KEY={STRONG}")
    assert sentence == "CARO_BANK_API_KEY must be given once: by itself, or as CARO_BANK_API_KEY_FILE"


def test_the_simulated_bank_reads_the_same_file(tmp_path: Path, files: dict[str, Path]) -> None:
    env_file = tmp_path / "caro.env"
    env_file.write_text(f"CARO_BANK_API_KEY_FILE={files['CARO_BANK_API_KEY']}")
    assert SimulatedBankSettings(_env_file=env_file).api_key.get_secret_value() == OTHER
