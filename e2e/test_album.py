"""Every page in every state: nothing over which axe, keys, large text, a thumb or another engine trips."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import template_rendered
from jinja2 import Environment, FileSystemLoader
from jinja2.meta import find_referenced_templates
from playwright.sync_api import Browser, Page, Playwright, ViewportSize

from e2e.album import AlbumPage, AlbumSection, open_album
from e2e.album.closed import ELSEWHERE
from e2e.album.heard import HeardPages
from e2e.album.kept import keep
from e2e.audit.access import ALIKE, LOOKS, bring_axe, violations
from e2e.audit.colours import forced_colours
from e2e.audit.reading import LAYOUT, PHONE, PROBES, complaints, layout, narrow
from e2e.engines import EnginePhone, open_phone
from tests.support.waiting import wait_until

pytestmark = pytest.mark.own_server("makes every state in a studio of its own")

LANGUAGE = "fr"
#: The language with the longest words, in which only is looked where things lie.
WORDY = "de"
TEMPLATES = Path(__file__).resolve().parent.parent / "app" / "templates"
#: The audit looks at a desk as well.
ON_A_PHONE = LOOKS[:2]
#: Colours are those of components, which the pages of the design system draw in every state.
SLOW_PROBES = (forced_colours,)
SMALL: ViewportSize = {"width": 320, "height": 844}
#: The preview shows again what others show, and testers read no German.
WORDY_DOORS = frozenset(AlbumSection) - {AlbumSection.MAIL, AlbumSection.PREVIEW, AlbumSection.TESTERS}
OURS = {"localhost", "127.0.0.1", ""}


@dataclass
class AlbumSurvey:
    """What was met on the way, and what was found."""

    templates: set[str] = field(default_factory=set)
    violations: dict[str, list[str]] = field(default_factory=dict)
    complaints: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    heard: HeardPages = field(default_factory=HeardPages)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note what a page asks for, and what its own policy refuses; have axe at hand."""
        bring_axe(page)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda line: self.refused.append(line.text))

    def look(self, stop: AlbumPage, *, known: bool) -> None:
        """Look at one page; less closely where its template was met in another state."""
        place = f"{stop.door}, {stop.name}"
        close = not known or stop.door is AlbumSection.DESIGN
        self.violations[place] = [*violations(stop.page, ON_A_PHONE if close else ALIKE)]
        probes = [probe for probe in PROBES if close or probe not in SLOW_PROBES]
        for probe, found in complaints(stop.page, LANGUAGE, probes).items():
            self.complaints.setdefault(probe, {})[place] = [*found]


@pytest.fixture(scope="module")
def survey(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AlbumSurvey:
    """Walk through the album once; a page that the preview shows again is looked at no second time."""
    survey = AlbumSurvey()
    latest: list[str] = []

    def note(*_: object, template: object, **_context: object) -> None:
        latest.append(str(getattr(template, "name", "")))

    album = open_album(browser, LANGUAGE, tmp_path_factory.mktemp("album"), survey.watch, viewport=PHONE)
    with template_rendered.connected_to(note):
        for stop in album.stops(frozenset(AlbumSection) - {AlbumSection.MAIL}):
            known = survey.templates.issuperset(latest)
            survey.templates.update(latest)
            survey.heard.hear(stop)
            if stop.door is not AlbumSection.PREVIEW or not known:
                survey.look(stop, known=known)
    return survey


@dataclass
class WordySurvey:
    """Where things lie on each page in German, and the pages as they stood."""

    complaints: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, Path] = field(default_factory=dict)


@pytest.fixture(scope="module")
def wordy(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> WordySurvey:
    """Walk through the album once more, for where things lie."""
    survey, folder = WordySurvey(), tmp_path_factory.mktemp("kept")
    album = open_album(browser, WORDY, tmp_path_factory.mktemp("wordy"), viewport=PHONE)
    for stop in album.stops(WORDY_DOORS):
        place = f"{stop.door}, {stop.name}"
        survey.complaints[place] = [*layout(stop.page, WORDY), *narrow(stop.page, WORDY)]
        survey.kept[place] = keep(stop, folder)
    return survey


def narrow_to(page: Page, size: ViewportSize) -> None:
    """Give a window this size; a window of the system's follows in its own time."""
    page.set_viewport_size(size)
    wait_until(lambda: page.evaluate("() => innerWidth") == size["width"])


def found(places: Mapping[str, Iterable[str]]) -> str:
    return "\n".join(f"{place}: {text}" for place, texts in places.items() for text in texts)


def test_axe_finds_nothing_on_any_page_in_any_state(survey: AlbumSurvey) -> None:
    assert found(survey.violations) == ""


@pytest.mark.parametrize("probe", [probe.__name__ for probe in PROBES])
def test_nobody_trips_over_any_page(survey: AlbumSurvey, probe: str) -> None:
    assert found(survey.complaints[probe]) == ""


def test_screen_readers_say_what_was_reviewed(survey: AlbumSurvey) -> None:
    differing = "\n".join(survey.heard.differences())
    assert not differing, f"{differing}\nWhat is meant is kept by 'make aria', and reviewed."


def test_nothing_comes_from_elsewhere(survey: AlbumSurvey) -> None:
    strange = {url for url in survey.asked if urlsplit(url).hostname not in OURS}
    assert survey.asked
    assert strange <= {ELSEWHERE}
    assert not [line for line in survey.refused if "Content Security Policy" in line]


def test_all_lies_well_where_words_are_long(wordy: WordySurvey) -> None:
    assert found(wordy.complaints) == ""


@pytest.mark.engine("webkit")
def test_all_lies_well_in_webkit(wordy: WordySurvey, playwright: Playwright) -> None:
    lies: dict[str, list[str]] = {}
    with open_phone(playwright, EnginePhone("webkit", WORDY)) as page:
        for place, file in wordy.kept.items():
            page.goto(file.as_uri())
            for size in (PHONE, SMALL):
                narrow_to(page, size)
                lies[f"{place}, {size['width']} px"] = page.evaluate(LAYOUT)
    assert found(lies) == ""


def test_every_template_that_draws_a_page_was_met(survey: AlbumSurvey) -> None:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n", "jinja2.ext.do"]
    )
    drawn = {name for name in environment.list_templates(["html"]) if not name.startswith("email/")}
    parts: set[str | None] = set()
    for name in drawn:
        parts.update(find_referenced_templates(environment.parse((TEMPLATES / name).read_text())))
    conditions = {name for name in drawn if name.startswith("terms/")}
    # A part may also be a page of its own; what is part of nothing must be one.
    assert sorted(drawn - parts - conditions - survey.templates) == []
