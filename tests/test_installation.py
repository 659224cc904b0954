"""Whichever way the product is installed, it is the same product, in every language."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from app.catalogues import load_catalogue
from app.i18n import LANGUAGES
from tests.conftest import SECRET
from tests.support.installation import Installation, build_wheel, copy_sources, install
from tests.support.waiting import PATIENCE

KEYS = {"CARO_SECRET_KEYS": SECRET, "CARO_BANK_API_KEY": SECRET}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A wheel in an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    return install(folder, str(build_wheel(folder)))


@pytest.fixture(scope="module")
def demo(installed: Installation) -> Iterator[Mapping[str, Any]]:
    with installed.demo() as facts:
        yield facts


def fetch(url: str, language: str = "") -> str:
    with urlopen(Request(url, headers={"Accept-Language": language}), timeout=PATIENCE) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wheel_speaks_every_language(demo: Mapping[str, Any], language: str) -> None:
    page = fetch(f"{demo['base_url']}/portal/sign-in", language)
    assert f'<html lang="{language}"' in page
    assert f"<h1>{load_catalogue(language).gettext('Sign in')}</h1>" in page


def test_a_wheel_brings_pages_files_and_its_bank(demo: Mapping[str, Any]) -> None:
    product, bank = demo["base_url"], demo["bank_url"]
    assert fetch(f"{product}/static/css/site.css") == fetch(f"{bank}/static/css/site.css")
    assert "4000 0243 2959 6391" in fetch(bank)
    assert fetch(f"{product}/healthz") == "ok\n"


def test_data_lie_where_the_command_was_typed(installed: Installation, demo: Mapping[str, Any]) -> None:
    assert Path(demo["mailbox"]) == installed.folder / "instance" / "demo" / "mail"
    assert [path.name for path in installed.folder.iterdir()] == ["instance"]
    assert list(installed.packages.rglob("instance")) == []


def test_an_extra_that_is_missing_is_named(installed: Installation) -> None:
    for name, address, extra in (
        ("CARO_DATABASE_URL", "postgresql://caro@127.0.0.1/caro", "postgres"),
        ("CARO_RATE_STORAGE", "redis://127.0.0.1", "redis"),
        ("CARO_RATE_STORAGE", "valkey://127.0.0.1", "redis"),
    ):
        refused = installed.run("caro", "migrate", **KEYS, **{name: address})
        sentence = f"{name} needs what is not installed here; install caro-activation[{extra}]"
        assert (refused.returncode, refused.stderr) == (1, f"caro: will not start: {sentence}\n")


def test_a_checkout_that_is_installed_speaks_at_once(tmp_path: Path) -> None:
    sources = copy_sources(tmp_path / "checkout")
    editable = install(tmp_path, "--editable", str(sources), builders=("babel", "editables", "hatchling"))
    migrated = editable.run("caro", "migrate", **KEYS)
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert (sources / "instance" / "caro.db").exists()
    assert not (sources / "app" / "_data").exists()
