"""A product that cannot speak one of its languages does not start: it would answer in English instead."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

from app.catalogues import BadCatalogues
from app.i18n import TRANSLATED as LANGUAGES
from app.i18n import require_catalogues
from app.paths import CATALOGUES, ROOT
from tests.conftest import SECRET


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of catalogues that are compiled."""
    for language in LANGUAGES:
        write_source(tmp_path, language, f"{language}: good")
        compile_catalogue(tmp_path, language)
    return tmp_path


def compiled(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.mo"


def catalogue(language: str, *translations: str) -> Catalog:
    made = Catalog(language, fuzzy=False)
    for number, translation in enumerate(translations):
        made.add(f"sentence {number}", translation)
    return made


def write_source(folder: Path, language: str, *translations: str) -> None:
    file = compiled(folder, language).with_suffix(".po")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as source:
        write_po(source, catalogue(language, *translations))


def compile_catalogue(folder: Path, language: str, **speaks: str) -> None:
    with compiled(folder, language).open("wb") as file:
        write_mo(file, catalogue(speaks.get("as_if", language), f"{language}: good"))


def refusal(folder: Path) -> str:
    with pytest.raises(BadCatalogues) as refused:
        require_catalogues(folder)
    return str(refused.value)


def test_a_product_with_all_its_catalogues_starts(folder: Path) -> None:
    require_catalogues(folder)
    require_catalogues()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "the French catalogue is missing"),
        ("nl", "the Dutch catalogue is missing"),
        ("de", "the German catalogue is missing"),
    ],
)
def test_a_catalogue_that_is_not_compiled_is_named(folder: Path, language: str, sentence: str) -> None:
    compiled(folder, language).unlink()
    assert refusal(folder).startswith(f"caro: will not start: {sentence}; compile with: ")


def test_a_folder_without_any_catalogue_is_refused_at_once(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere").count("is missing") == len(LANGUAGES)


@pytest.mark.parametrize("size", [0, 3, 17, 27, 60, 200, -1])
def test_a_catalogue_that_was_cut_off_is_refused(folder: Path, size: int) -> None:
    file = compiled(folder, "nl")
    file.write_bytes(file.read_bytes()[:size])
    assert "the Dutch catalogue cannot be read" in refusal(folder)


@pytest.mark.parametrize(
    "content", [b"\0" * 400, b"no catalogue at all", b"\xde\x12\x04\x95" + b"\xff" * 400]
)
def test_a_file_that_is_no_catalogue_is_refused(folder: Path, content: bytes) -> None:
    compiled(folder, "de").write_bytes(content)
    assert "the German catalogue cannot be read" in refusal(folder)


def test_a_catalogue_that_may_not_be_opened_is_refused(folder: Path) -> None:
    compiled(folder, "fr").unlink()
    compiled(folder, "fr").mkdir()
    assert "the French catalogue cannot be read" in refusal(folder)


def test_a_catalogue_of_another_language_is_refused(folder: Path) -> None:
    compile_catalogue(folder, "fr", as_if="nl")
    assert "the French catalogue is of another language" in refusal(folder)


def test_a_catalogue_without_a_sentence_is_refused(folder: Path) -> None:
    write_source(folder, "fr")
    with compiled(folder, "fr").open("wb") as file:
        write_mo(file, catalogue("fr"))
    assert "the French catalogue has no translations yet" in refusal(folder)


@pytest.mark.parametrize("translations", [("fr: better",), ("fr: good", "a new sentence")])
def test_a_catalogue_that_lags_behind_its_source_is_refused(
    folder: Path, translations: tuple[str, ...]
) -> None:
    write_source(folder, "fr", *translations)
    touch_source(folder, "fr")
    assert "the French catalogue is older than its source" in refusal(folder)


def test_a_source_that_was_only_copied_again_is_no_reason_to_refuse(folder: Path) -> None:
    touch_source(folder, "fr")
    require_catalogues(folder)


@pytest.mark.parametrize(("translation", "flags"), [("", ()), ("a guess", ("fuzzy",))])
def test_a_sentence_that_is_not_translated_yet_is_no_reason_to_refuse(
    folder: Path, translation: str, flags: tuple[str, ...]
) -> None:
    unfinished = catalogue("fr", "fr: good")
    unfinished.add("a new sentence", translation, flags=flags)
    with compiled(folder, "fr").with_suffix(".po").open("wb") as source:
        write_po(source, unfinished)
    touch_source(folder, "fr")
    require_catalogues(folder)


def touch_source(folder: Path, language: str) -> None:
    """Let the source be a second younger than what was compiled."""
    file = compiled(folder, language)
    moment = file.stat().st_mtime + 1
    os.utime(file.with_suffix(".po"), (moment, moment))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product in which nobody has compiled anything."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("app", "migrations", "static", "translations"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.mo"))
    shutil.copy(ROOT / "wsgi.py", folder)
    return folder


def start(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"CARO_SECRET_KEYS": SECRET, "CARO_BANK_API_KEY": SECRET, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        (sys.executable, *words), cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("-m", "app.cli", "serve"), id="serve"),
        pytest.param(("-m", "app.cli", "worker"), id="worker"),
        pytest.param(("-m", "app.cli", "demo"), id="demo"),
        pytest.param(("-m", "app.cli", "bank"), id="bank"),
        pytest.param(("-m", "app.cli", "migrate"), id="migrate"),
        pytest.param(("-c", "from wsgi import app"), id="wsgi:app"),
        pytest.param(("-c", "from wsgi import simulator"), id="wsgi:simulator"),
    ],
)
def test_nothing_starts_from_a_checkout_without_catalogues(checkout: Path, words: tuple[str, ...]) -> None:
    ended = start(checkout, *words)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("caro: will not start: the French catalogue is missing; ")
    assert not (checkout / "instance").exists()


def test_help_is_given_without_catalogues(checkout: Path) -> None:
    assert start(checkout, "-m", "app.cli", "serve", "--help").returncode == 0


def test_the_command_that_is_named_compiles_them(checkout: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(checkout, tmp_path / "copy")
    command = start(copy, "-c", "from wsgi import app").stderr.partition("compile with: ")[2]
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    assert start(copy, "-c", "from wsgi import app, simulator").returncode == 0


def test_the_catalogues_that_are_looked_at_are_those_of_the_product() -> None:
    assert CATALOGUES == ROOT / "translations"
