"""Every page in every state, in French: nothing that axe, keys, large text or a thumb would trip over."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import template_rendered
from jinja2 import Environment, FileSystemLoader
from jinja2.meta import find_referenced_templates
from playwright.sync_api import Browser

from e2e.album import AlbumPage, AlbumSection, open_album
from e2e.audit.access import LOOKS, violations
from e2e.audit.colours import forced_colours
from e2e.audit.reading import PHONE, PROBES, complaints

pytestmark = pytest.mark.own_server("makes every state in a studio of its own")

LANGUAGE = "fr"
TEMPLATES = Path(__file__).resolve().parent.parent / "app" / "templates"
#: The audit looks at a desk as well.
ON_A_PHONE = LOOKS[:2]
#: Colours are those of components, which the pages of the design system draw in every state.
SLOW_PROBES = (forced_colours,)


@dataclass
class AlbumSurvey:
    """What was met on the way, and what was found."""

    templates: set[str] = field(default_factory=set)
    violations: dict[str, list[str]] = field(default_factory=dict)
    complaints: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def look(self, stop: AlbumPage, *, known: bool) -> None:
        """Look at one page; less closely where its template was met in another state."""
        place = f"{stop.door}, {stop.name}"
        self.violations[place] = [*violations(stop.page, ON_A_PHONE)]
        close = not known or stop.door is AlbumSection.DESIGN
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

    album = open_album(browser, LANGUAGE, tmp_path_factory.mktemp("album"), viewport=PHONE)
    with template_rendered.connected_to(note):
        for stop in album.stops(frozenset(AlbumSection) - {AlbumSection.MAIL}):
            known = survey.templates.issuperset(latest)
            survey.templates.update(latest)
            if stop.door is not AlbumSection.PREVIEW or not known:
                survey.look(stop, known=known)
    return survey


def found(places: dict[str, list[str]]) -> str:
    return "\n".join(f"{place}: {text}" for place, texts in places.items() for text in texts)


def test_axe_finds_nothing_on_any_page_in_any_state(survey: AlbumSurvey) -> None:
    assert found(survey.violations) == ""


@pytest.mark.parametrize("probe", [probe.__name__ for probe in PROBES])
def test_nobody_trips_over_any_page(survey: AlbumSurvey, probe: str) -> None:
    assert found(survey.complaints[probe]) == ""


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
