"""A Belgian telephone number is read however it is written, and shown as it is dialled."""

import pytest

from app.domain.telephones import LONGEST, SAMPLE_TELEPHONE, format_telephone, parse_telephone

BRUSSELS = "+3220123456"
READ = {
    "02 012 34 56": BRUSSELS,
    "02/012.34.56": BRUSSELS,
    "02-012-34-56": BRUSSELS,
    "(02) 012 34 56": BRUSSELS,
    "+32 2 012 34 56": BRUSSELS,
    "+32 (0)2 012 34 56": BRUSSELS,
    "+32 ( 0 ) 2 012 34 56": BRUSSELS,
    "(+32) 2 012 34 56": BRUSSELS,
    "+32 02 012 34 56": BRUSSELS,
    "0032 2 012 34 56": BRUSSELS,
    "0032(0)2/012.34.56": BRUSSELS,
    "32 2 012 34 56": BRUSSELS,
    "20123456": BRUSSELS,
    "Tél. : 02 012 34 56": BRUSSELS,
    "Tel.: +32 2 012 34 56": BRUSSELS,
    "tel:+3220123456": BRUSSELS,
    "02 012 34 56 (Anne)": BRUSSELS,
    "０２ ０１２ ３４ ５６": BRUSSELS,
    "\u202d+32\u00a02\u2011012\u201134\u201156\u202c": BRUSSELS,
    "0470/12.34.56": "+32470123456",
    "470123456": "+32470123456",
    "+32 470 12 34 56": "+32470123456",
    "04 212 34 56": "+3242123456",
    "081 01 23 45": "+3281012345",
    "0800 12 345": "+3280012345",
    "078 15 12 34": "+3278151234",
}
REFUSED = (
    "",
    "Anne",
    "+",
    "00",
    "02 012 34 5",
    "02 012 34 56 7",
    "02 012 34 56 / 57",
    "02 012 34 56 ext. 7",
    "O2 012 34 56",
    "+02 012 34 56",
    "+32 +2 012 34 56",
    "02 012 34 56 +",
    "+31 20 123 45 67",
    "0033 1 23 45 67 89",
    "0470 12 34 5",
    "0900 12 345",
    "+32 902 12 345",
    "112",
    "6123456789",
    "4000024329596391",
)


@pytest.mark.parametrize("text", READ)
def test_a_number_is_read_in_any_dress(text: str) -> None:
    assert parse_telephone(text) == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_belgian_number_or_costs_extra_is_refused(text: str) -> None:
    assert parse_telephone(text) is None


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        (BRUSSELS, "02 012 34 56"),
        ("+32470123456", "0470 12 34 56"),
        ("+3242123456", "04 212 34 56"),
        ("+3281012345", "081 01 23 45"),
        ("+3280012345", "0800 12 345"),
        ("+3278151234", "078 15 12 34"),
    ],
)
def test_a_number_is_shown_as_it_is_dialled_and_never_torn_apart(kept: str, shown: str) -> None:
    assert format_telephone(kept) == shown.replace(" ", "\u00a0")


@pytest.mark.parametrize("kept", sorted({*READ.values(), SAMPLE_TELEPHONE}))
def test_what_is_shown_is_read_again(kept: str) -> None:
    assert parse_telephone(format_telephone(kept)) == kept
    assert len(kept) <= LONGEST
