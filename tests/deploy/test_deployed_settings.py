"""The settings of `deploy` and of the pages about them are the settings that there are."""

from pathlib import Path

import pytest

from app.paths import INSTANCE_VARIABLE, ROOT
from app.settings import Settings, load_settings
from tests.deploy.env_example import NEEDED, documented_settings, env_example, names_in

EXAMPLE = ROOT / "deploy" / "caro.env.example"
FILES = sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file())
KNOWN = {
    INSTANCE_VARIABLE,
    *(f"CARO_{name}".upper() for name in Settings.model_fields),
    *(f"CARO_{name}_FILE".upper() for name in Settings.SECRETS),
}


def test_every_setting_is_documented() -> None:
    listed = [name for names in documented_settings() for name in names]
    assert sorted(listed) == sorted(f"CARO_{name}".upper() for name in Settings.model_fields)


def test_the_example_is_fresh() -> None:
    assert EXAMPLE.read_text() == env_example(), "deploy/caro.env.example is stale, run 'make docs'"


def test_a_server_starts_with_the_example(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text().replace("/etc/caro", str(tmp_path))
    for name, file in NEEDED.items():
        if name.endswith("_FILE"):
            secret = tmp_path / Path(file).name
            secret.touch(0o600)
            secret.write_text("kR7-wq2Lp9_xZ4vB6nM1sD8fG3hJ5tYc")
    (tmp_path / "caro.env").write_text(lines)
    settings = load_settings(tmp_path / "caro.env")
    assert settings.production
    assert settings.model_fields_set == {
        name.removeprefix("CARO_").removesuffix("_FILE").lower() for name in NEEDED
    }


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_what_looks_like_a_setting_is_one(file: Path) -> None:
    assert set(names_in(file.read_text())) - KNOWN == set()
