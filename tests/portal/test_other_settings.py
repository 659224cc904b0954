"""Whatever a sentence says of times and numbers is what is set: read with settings of our own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.clock import brussels_day
from app.i18n import format_day
from app.settings import Settings
from tests.support.doubles import MovableClock

CHANGES = {
    "reminder_days": (7, 21),
    "link_days": 30,
    "refusals_a_day": 4,
    "sends_a_day": 2,
    "sign_in_links_an_hour": 3,
}


@pytest.fixture
def changes() -> dict[str, object]:
    return dict(CHANGES)


@pytest.fixture
def settings(settings: Settings, changes: dict[str, object]) -> Settings:
    return settings.model_copy(update=changes)


def read(client: FlaskClient, path: str, language: str = "en") -> str:
    page = BeautifulSoup(client.get(path, query_string={"lang": language}).text, "html.parser")
    return " ".join(page.get_text(" ", strip=True).replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("language", "days"),
    [("fr", "7 et 21 jours"), ("nl", "7 en 21 dagen"), ("en", "7 and 21 days"), ("de", "7 und 21 Tage")],
)
def test_the_toolkit_says_on_which_days_reminders_go_out(
    accountant_client: FlaskClient, language: str, days: str
) -> None:
    assert days in read(accountant_client, "/portal/toolkit", language)


@pytest.mark.parametrize("changes", [{"reminder_days": (1,)}])
def test_a_single_day_is_no_plural(accountant_client: FlaskClient) -> None:
    said = read(accountant_client, "/portal/toolkit")

    assert "CodaBox sends a reminder 1 day after the invitation" in said


@pytest.mark.parametrize("changes", [{"reminder_days": ()}])
def test_no_reminder_is_promised_where_none_is_sent(accountant_client: FlaskClient) -> None:
    assert "reminder" not in read(accountant_client, "/portal/toolkit")
    assert "reminder" not in read(accountant_client, "/portal/caro")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/portal/gallery", "This failure counts: four such refusals within 24 hours close the page"),
        ("/portal/sign-in/sent", "We send an email at most every three minutes and three times an hour"),
        ("mail-problem", "After four refusals within 24 hours, the page"),
        ("link-locked", "Within 24 hours, four attempts were refused."),
    ],
)
def test_the_caps_are_those_that_are_set(
    accountant_client: FlaskClient, url: Callable[..., str], path: str, sentence: str
) -> None:
    assert sentence in read(accountant_client, path if path.startswith("/") else url(path))


def test_the_invitation_says_how_long_its_link_lives(
    accountant_client: FlaskClient, url: Callable[..., str], clock: MovableClock
) -> None:
    last_day = format_day(brussels_day(clock() + timedelta(days=30)), "en")

    assert last_day.replace("\u00a0", " ") in read(accountant_client, url("mail-invitation"))
