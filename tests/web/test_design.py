"""The living page of the design system: there while one builds, not in production, sound in all languages."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app import create_app
from app.i18n import LANGUAGES
from app.paths import ROOT
from app.settings import Settings
from tests.support.bank import SimulatedBank, soup

PAGES = ("/design", "/design/portal")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_sound_and_hidden_in_every_language(
    client: FlaskClient, path: str, language: str
) -> None:
    answer = client.get(f"{path}?lang={language}")
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert BeautifulSoup(answer.text, "html.parser").select_one(f"html[lang={language}]")


def test_production_has_no_such_page(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"production": True}))
    assert [app.test_client().get(path).status_code for path in PAGES] == [404, 404]


def test_an_unknown_skin_is_no_page(client: FlaskClient) -> None:
    assert client.get("/design/pink").status_code == 404


def test_the_bank_shows_the_same_components_in_its_own_skin(client: FlaskClient, tmp_path: Path) -> None:
    ours, theirs = client.get("/design?lang=en").text, SimulatedBank(tmp_path).browser.get("/design?lang=en")
    names = [
        [heading.text for heading in BeautifulSoup(text, "html.parser").select("main h2")]
        for text in (ours, theirs.get_data(as_text=True))
    ]
    assert names[0] == names[1]
    assert "bank.css" in str(soup(theirs))


@pytest.mark.parametrize(
    "shown",
    [
        *(
            ".summary",
            ".field.wrong [aria-invalid]",
            ".tick",
            ".wrong .tick",
            "input:disabled",
            "button.main",
        ),
        *(
            ".panel",
            ".facts",
            ".progress[data-step='4']",
            ".free",
            ".note",
            ".simulation",
            ".done",
            ".failed",
        ),
        *(
            ".wait",
            ".checks",
            ".steps",
            ".needs",
            ".walk",
            "details.terms",
            "figure svg[role=img]",
            "blockquote",
        ),
        *(".badge[data-label='problem']", ".filters", "table.carded", ".say", "button.danger"),
    ],
)
def test_each_component_is_drawn(client: FlaskClient, shown: str) -> None:
    assert BeautifulSoup(client.get("/design/portal").text, "html.parser").select(shown)


def test_every_picture_is_named_or_only_accompanies_words(client: FlaskClient) -> None:
    drawn = BeautifulSoup(client.get("/design/portal").text, "html.parser").select("svg")
    assert len(drawn) > 5
    for picture in drawn:
        named = picture.get("role") == "img" and picture.get("aria-label")
        assert bool(named) != (picture.get("aria-hidden") == "true")


def test_dark_mode_prints_and_forced_colours_are_thought_of() -> None:
    site = (ROOT / "static" / "css" / "site.css").read_text("utf-8")
    for wish in ("prefers-color-scheme: dark", "forced-colors", "prefers-reduced-motion", "@media print"):
        assert wish in site
