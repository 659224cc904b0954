"""The conditions: published once, in four languages, and never changed under the name of a version."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import create_app
from app.db import Database
from app.domain.terms import FIRST_VERSION, NEWEST_VERSION
from app.i18n import LANGUAGES
from app.models.schema import downgrade_schema, upgrade_schema
from app.services.terms_publication import TermsChanged, UnknownTerms
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from app.web.terms_rendering import TERMS, MissingTerms, render_terms
from tests.support.doubles import MovableClock, RecordingTransport

NEXT_VERSION = "2027-03-15"
OWN = {"operator_company": "Relevés & Cie SRL", "operator_contact": "vieprivee@releves.example"}
Start = Callable[..., Services]


@pytest.fixture
def start(
    settings: Settings, database: Database, clock: MovableClock, sent_mails: RecordingTransport
) -> Iterator[Start]:
    """Start the product with other settings, as an operator does."""
    started: list[Services] = []

    def start(**changes: object) -> Services:
        app = create_app(settings.model_copy(update=changes), clock=clock, transport=sent_mails)
        started.append(app.extensions[EXTENSION])
        return started[-1]

    yield start
    for services in started:
        services.database.close_connections()


def texts(services: Services, version: str) -> dict[str, str]:
    return {language: services.terms.read(version, language) for language in LANGUAGES}


def test_the_operator_stands_in_the_conditions_of_every_language(start: Start) -> None:
    for text in texts(start(**OWN), NEWEST_VERSION).values():
        for particular in ("Relevés &amp; Cie SRL", "vieprivee@releves.example", "0123.456.749", "56\u00a0"):
            assert particular in text


def test_the_controller_may_be_another_company(start: Start) -> None:
    for text in texts(start(operator_controller="Groupe Relevés SA"), NEWEST_VERSION).values():
        assert "Groupe Relevés SA" in text


def test_starting_again_changes_nothing(start: Start) -> None:
    before = texts(start(**OWN), NEWEST_VERSION)
    assert texts(start(**OWN), NEWEST_VERSION) == before


@pytest.mark.parametrize(
    "change", [{"operator_company": "Autre SA"}, {"operator_contact": "a@b.example"}, {"link_days": 70}]
)
def test_other_particulars_need_another_version(start: Start, change: dict[str, object]) -> None:
    before = texts(start(**OWN), NEWEST_VERSION)
    with pytest.raises(TermsChanged) as refused:
        start(**OWN | change)

    assert str(refused.value).startswith(f"caro: will not start: the conditions of version {NEWEST_VERSION} ")
    assert "CARO_TERMS_VERSION" in str(refused.value)
    assert texts(start(**OWN), NEWEST_VERSION) == before


def test_a_new_version_leaves_the_old_one_readable(start: Start) -> None:
    before = texts(start(**OWN), NEWEST_VERSION)
    services = start(**OWN | {"operator_company": "Autre SA", "terms_version": NEXT_VERSION})

    assert texts(services, NEWEST_VERSION) == before
    for language, text in texts(services, NEXT_VERSION).items():
        assert "Autre SA" in text
        assert services.terms.current(language).text == text


def test_only_a_demonstration_says_that_nothing_is_real(start: Start) -> None:
    assert all("SIMULAT" in text for text in texts(start(), NEWEST_VERSION).values())
    real = texts(start(production=True, terms_version=NEXT_VERSION), NEXT_VERSION)
    assert not any("SIMULAT" in text for text in real.values())


def test_the_first_version_names_no_operator(start: Start) -> None:
    for text in texts(start(**OWN), FIRST_VERSION).values():
        assert "Relevés" not in text


def test_what_was_never_published_is_unknown(start: Start) -> None:
    for version, language in ((NEXT_VERSION, "fr"), (NEWEST_VERSION, "xx"), (f"{NEWEST_VERSION}\0", "fr")):
        with pytest.raises(UnknownTerms):
            start().terms.read(version, language)


def test_a_start_before_the_tables_publishes_with_them(start: Start, database: Database) -> None:
    downgrade_schema(database, "0005")
    services = start(**OWN)
    upgrade_schema(database)
    services.terms.publish()

    assert texts(services, NEWEST_VERSION)


def test_a_language_without_conditions_stops_the_start(tmp_path: Path, settings: Settings) -> None:
    shutil.copytree(TERMS, tmp_path / "terms")
    (tmp_path / "terms" / NEWEST_VERSION / "de.html").unlink()
    with pytest.raises(MissingTerms) as refused:
        render_terms(NEWEST_VERSION, settings.operator, tmp_path / "terms")

    assert str(refused.value) == f"caro: will not start: the conditions {NEWEST_VERSION}/de.html are missing"
