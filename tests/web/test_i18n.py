"""Languages: who decides which one a page speaks, and the conditions in each."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.terms import FIRST_VERSION, NEWEST_VERSION
from app.i18n import (
    LANGUAGES,
    format_date,
    format_end,
    format_last_day,
    format_moment,
    format_number,
    format_short_date,
    format_short_day,
    format_start,
    override_locale,
)
from app.mail.rendering import plain_spaces
from app.web.extensions import Services
from tests.support.cardholder import CardholderClient

#: What somebody agreed to must stay what it was: a change of words is a new version.
#: The operator is that of the defaults.
PINNED = {
    ("2026-11-30", "fr"): "65f127bc5cfd71be44765ae9b111b023ee057c70f0a448c042f2a641b97f6112",
    ("2026-11-30", "nl"): "33c3b28cb2b833a4325f3dd613a28147a464af06656b4f169cb9987e15c62ffa",
    ("2026-11-30", "en"): "beab7c412504f7b9253959c04da8df130d89a21d0e1df66b1340e84c78b6600b",
    ("2026-11-30", "de"): "43002354e20c4e145af0abe9389b95a1ba2abdb33f577771179e39801b0a7a27",
    ("2026-12", "fr"): "bc6513b437960f0450b4111fd529574248b524ea5b12aea160a853a9d31fb451",
    ("2026-12", "nl"): "da19ee9ee9748198b67cc3e82cef3bf0cc03e46a31e5e3df5fe0e4ea105c0047",
    ("2026-12", "en"): "658314de0a2389ea35b0473013d656d45fb803e01c4ec447dea7203730b71581",
    ("2026-12", "de"): "96730d65ada3ed2e5edf1127b3b9941f4f9875807f75d2b2b05587a539e86c0f",
}

#: In Brussels it is December.
LATE_IN_NOVEMBER = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


def language(page: str) -> str:
    return page.partition('<html lang="')[2][:2]


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("nl-BE,fr;q=0.5", "nl"),
        ("nl_BE,fr;q=0.5", "nl"),
        ("NL", "nl"),
        ("nl;q=0.9", "nl"),
        ("de", "de"),
        ("ja,en;q=0.2", "en"),
        ("ja", "fr"),
        ("", "fr"),
        (";;=", "fr"),
    ],
)
def test_a_stranger_is_met_in_their_language(client: FlaskClient, accepted: str, spoken: str) -> None:
    assert language(client.get("/", headers={"Accept-Language": accepted}).text) == spoken


def test_the_activation_outranks_the_browser(cardholder_client: CardholderClient) -> None:
    cardholder_client.client.delete_cookie("language")
    page = cardholder_client.client.get(
        cardholder_client.path, headers={"Accept-Language": "de"}, follow_redirects=True
    )

    assert language(page.text) == "fr"


def test_a_choice_outranks_everything_and_stays(cardholder_client: CardholderClient) -> None:
    cardholder_client.client.delete_cookie("language")
    cardholder_client.open_link()
    chosen = cardholder_client.visit("welcome?lang=nl")
    cookie = next(c for c in chosen.headers.getlist("Set-Cookie") if c.startswith("language="))

    assert language(chosen.text) == "nl"
    assert cookie.startswith("language=nl;")
    assert cookie.endswith("Max-Age=31536000; HttpOnly; Path=/; SameSite=Lax")
    assert language(cardholder_client.visit("welcome").text) == "nl"


@pytest.mark.parametrize("asked", ["xx", "../../etc", "%00", "nlx", "en fran\u00e7ais", ""])
def test_an_unknown_language_is_ignored(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/?lang={asked}")

    assert language(answer.text) == "fr"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("asked", ["nl_BE", "nl-BE", "NL", "nl;q=0.9", " nl"])
def test_any_tag_of_a_language_chooses_it(client: FlaskClient, asked: str) -> None:
    answer = client.get("/", query_string={"lang": asked})

    assert language(answer.text) == "nl"
    assert answer.headers["Set-Cookie"].startswith("language=nl;")


def test_the_choice_keeps_the_step(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()

    for link in cardholder_client.soup().select(".languages a"):
        assert link["href"] == f"?lang={link['hreflang']}"
        assert link["lang"] == link["hreflang"]
    assert cardholder_client.words(".languages [aria-current]") == "English"
    cardholder_client.visit("card?lang=de")
    assert cardholder_client.page.request.path.endswith("/card")


@pytest.mark.parametrize("spoken", list(LANGUAGES))
@pytest.mark.parametrize("version", [NEWEST_VERSION, FIRST_VERSION])
def test_the_conditions_have_a_lasting_address(
    client: FlaskClient, services: Services, version: str, spoken: str
) -> None:
    page = client.get(f"/terms/{version}/{spoken}", headers={"Accept-Language": "en"}).text

    assert language(page) == spoken
    assert services.terms.read(version, spoken) in page
    assert f'<a href="/terms/{version}/nl" lang="nl"' in page


@pytest.mark.parametrize("path", ["2026-12/xx", "2020-01/fr", "../fr", "2026-12%00/fr", "2026-12/f%00"])
def test_other_conditions_do_not_exist(client: FlaskClient, path: str) -> None:
    assert client.get(f"/terms/{path}").status_code == 404


def test_the_conditions_stay_as_they_were(services: Services) -> None:
    assert {(terms.version, terms.language): terms.sha256 for terms in services.shipped_terms} == PINNED


def test_another_language_keeps_what_the_address_says(client: FlaskClient) -> None:
    page = client.get("/?q=caf%C3%A9+%26+co&lang=en").text

    assert '<a href="?q=caf%C3%A9+%26+co&amp;lang=nl" lang="nl"' in page


@pytest.mark.parametrize(
    ("spoken", "first", "second"),
    [
        ("fr", "1er décembre 2026", "2 décembre 2026"),
        ("nl", "1 december 2026", "2 december 2026"),
        ("en", "1 December 2026", "2 December 2026"),
        ("de", "1. Dezember 2026", "2. Dezember 2026"),
    ],
)
def test_a_date_is_written_as_the_language_does(app: Flask, spoken: str, first: str, second: str) -> None:
    with app.app_context(), override_locale(spoken):
        written = [format_date(at) for at in (LATE_IN_NOVEMBER, datetime(2026, 12, 2, 12, tzinfo=UTC))]
    # No line may tear a date.
    assert written == [day.replace(" ", "\u00a0") for day in (first, second)]


@pytest.mark.parametrize(
    ("spoken", "first", "second", "thousand"),
    [
        ("fr", "1er déc.", "2 déc. 2026", "1\u00a0000"),
        ("nl", "1 dec", "2 dec 2026", "1.000"),
        ("en", "1 Dec", "2 Dec 2026", "1,000"),
        ("de", "1. Dez.", "2. Dez. 2026", "1.000"),
    ],
)
def test_a_column_has_short_dates_on_one_line_and_grouped_numbers(
    app: Flask, spoken: str, first: str, second: str, thousand: str
) -> None:
    with app.app_context(), override_locale(spoken):
        assert format_short_day(date(2026, 12, 1)) == first.replace(" ", "\u00a0")
        assert format_short_date(datetime(2026, 12, 2, 12, tzinfo=UTC)) == second.replace(" ", "\u00a0")
        assert format_number(1000) == thousand


NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
IN_AN_HOUR, LATE_TOMORROW, LATER = (
    datetime(2026, 11, 30, 10, tzinfo=UTC),
    # In Brussels it is the first of December already, though not yet the second.
    datetime(2026, 12, 1, 22, 59, tzinfo=UTC),
    datetime(2026, 12, 1, 23, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("spoken", "at", "start", "end"),
    [
        (
            "fr",
            ("aujourd'hui à 11:00", "demain à 23:59", "le 2 décembre 2026 à 00:01"),
            ("à partir de 11:00", "demain à partir de 23:59", "à partir du 2 décembre 2026 à 00:01"),
            ("aujourd'hui jusqu'à 11:00", "jusqu'à demain à 23:59", "jusqu'au 2 décembre 2026 à 00:01"),
        ),
        (
            "nl",
            ("vandaag om 11:00", "morgen om 23:59", "op 2 december 2026 om 00:01"),
            ("vanaf 11:00", "morgen vanaf 23:59", "vanaf 2 december 2026 om 00:01"),
            ("vandaag tot 11:00", "tot morgen om 23:59", "tot 2 december 2026 om 00:01"),
        ),
        (
            "en",
            ("today at 11:00", "tomorrow at 23:59", "on 2 December 2026 at 00:01"),
            ("from 11:00", "from 23:59 tomorrow", "from 2 December 2026 at 00:01"),
            ("until 11:00 today", "until 23:59 tomorrow", "until 2 December 2026 at 00:01"),
        ),
        (
            "de",
            ("heute um 11:00 Uhr", "morgen um 23:59 Uhr", "am 2. Dezember 2026 um 00:01 Uhr"),
            ("ab 11:00 Uhr", "morgen ab 23:59 Uhr", "ab dem 2. Dezember 2026 um 00:01 Uhr"),
            ("heute bis 11:00 Uhr", "bis morgen um 23:59 Uhr", "bis zum 2. Dezember 2026 um 00:01 Uhr"),
        ),
    ],
)
def test_today_and_tomorrow_are_called_so(
    app: Flask, spoken: str, at: tuple[str, ...], start: tuple[str, ...], end: tuple[str, ...]
) -> None:
    moments = (IN_AN_HOUR, LATE_TOMORROW, LATER)
    with app.app_context(), override_locale(spoken):
        for written, said in ((format_moment, at), (format_start, start), (format_end, end)):
            assert tuple(plain_spaces(written(moment, NOW)) for moment in moments) == said


def test_a_mail_names_the_hour_of_a_last_day_that_is_near(app: Flask) -> None:
    with app.app_context(), override_locale("en"):
        written = [plain_spaces(format_last_day(at, NOW)) for at in (IN_AN_HOUR, LATE_TOMORROW, LATER)]
    assert written == ["30 November 2026 at 11:00", "1 December 2026 at 23:59", "2 December 2026"]
