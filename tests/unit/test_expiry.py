"""The expiry date: every spelling that can mean only one month is read, and no other."""

from datetime import date
from typing import Literal

import pytest
from babel.dates import get_month_names

from app.domain.cards import CardProblem, InvalidCard
from app.domain.expiry import parse_expiry
from app.i18n import LANGUAGES

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "529",
            "0529",
            "5 29",
            "05 29",
            "05/29",
            "5/29",
            "05 / 29",
            "05-29",
            "05.29",
            "05,29",
            "05_29",
            "05|29",
        ),
        *("05-2029", "5/2029", "05.2029", "052029", "52029", "05 2029", "5'29"),
        *("2029-05", "2029/5", "202905", "20295", "2029 05", "29/05", "29-5", "2905"),
        *("2029-05-31", "2029-05-01", "20290531", "31/05/2029", "05/31/2029", "05/05/2029"),
        *("mai 2029", "Mai 29", "mei '29", "MAY 2029", "29 mai", "31 mai 2029", "2029 mei", "May, 2029"),
        # A keyboard without a stroke, and the moment that a password manager keeps.
        *("05+29", "05\\29", "05*29", "05#29", "5 + 29", "05//29", "05/'29", "05 · 29", "05•29"),
        *("2029-05-31T23:59:59Z", "2029-05-01T00:00", "2029-05-31 00:00:00", "2029-05-31T00:00:00.000+02:00"),
        *("Exp. 05/29", "valable jusqu'au 05/29", "MM/AA : 05/29", "EXP05/29", "05/29 (exp)"),
    ],
)
def test_may_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_expiry(typed, TODAY) == "2905"


@pytest.mark.parametrize("typed", ["129", "0129", "1/29", "1 29", "12029", "012029", "2029-01", "janv. 2029"])
def test_one_and_29_are_january(typed: str) -> None:
    assert parse_expiry(typed, TODAY) == "2901"


@pytest.mark.parametrize("typed", ["1229", "12/29", "122029", "2029-12", "202912", "déc. 29", "31/12/2029"])
def test_twelve_and_29_are_december(typed: str) -> None:
    assert parse_expiry(typed, TODAY) == "2912"


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        *(("févr. 2029", 2), ("Februar 2029", 2), ("mars 29", 3), ("mrt. 29", 3), ("März 2029", 3)),
        *(("avr. 29", 4), ("juin 29", 6), ("juni 29", 6), ("juil. 29", 7), ("August 29", 8), ("août 29", 8)),
        *(("sept. 29", 9), ("okt 29", 10), ("Oct 29", 10), ("nov. 29", 11), ("Dezember 2029", 12)),
    ],
)
def test_names_of_months_are_read_in_the_languages_of_the_pages(typed: str, month: int) -> None:
    assert parse_expiry(typed, TODAY) == f"29{month:02}"


@pytest.mark.parametrize("width", ["wide", "abbreviated"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_is_read_by_its_name(language: str, width: Literal["wide", "abbreviated"]) -> None:
    names = get_month_names(width, locale=language)
    assert [parse_expiry(f"{names[month]} 2029", TODAY) for month in range(1, 13)] == [
        f"29{month:02}" for month in range(1, 13)
    ]


@pytest.mark.parametrize(
    "typed",
    [
        *("00/27", "0/27", "13/27", "029", "12/", "12/7", "12/027", "02/1999", "2029", "2012", "20"),
        # These could be two months, or no month of a card.
        *("31/12/29", "01/05/2029", "20 29 05", "jui 29", "mai", "mai juin 29", "310529"),
        *("O5/29", "l2/29", "05/29x", "MM/AA", "<b>", "05/29 06/29"),
    ],
)
def test_what_can_mean_two_months_or_none_is_refused(typed: str) -> None:
    assert problem(typed, TODAY) is CardProblem.EXPIRY_FORMAT


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        *(("", CardProblem.EXPIRY_MISSING), (" \u00a0\u200b", CardProblem.EXPIRY_MISSING)),
        *(("10/26", CardProblem.EXPIRY_PAST), ("12/25", CardProblem.EXPIRY_PAST)),
        *(("12/00", CardProblem.EXPIRY_PAST), ("2020-12", CardProblem.EXPIRY_PAST)),
        *(("01/47", CardProblem.EXPIRY_FAR), ("12/2099", CardProblem.EXPIRY_FAR)),
    ],
)
def test_other_faults_have_their_own_problem(typed: str, told: CardProblem) -> None:
    assert problem(typed, TODAY) is told


def problem(typed: str, today: date) -> CardProblem:
    with pytest.raises(InvalidCard) as refused:
        parse_expiry(typed, today)
    return refused.value.problem


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("11/26", date(2026, 11, 30)),
        ("12/26", date(2026, 12, 31)),
        ("02/27", date(2027, 2, 28)),
        ("02/28", date(2028, 2, 29)),
    ],
)
def test_card_is_good_through_its_month(typed: str, last: date) -> None:
    assert parse_expiry(typed, last)
    assert problem(typed, date.fromordinal(last.toordinal() + 1)) is CardProblem.EXPIRY_PAST


def test_furthest_expiry_is_twenty_years() -> None:
    assert parse_expiry("12/46", TODAY) == "4612"
