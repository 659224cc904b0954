"""The client reference: ten digits from 6 or 7 on, however it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import group_digits, parse_client_reference

references = st.from_regex(r"[67][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    "typed",
    [
        "6000000001",
        " 6000000001 ",
        "6000 000 001",
        "6000.000.001",
        "6000-000-001",
        "6000\u00a0000\u202f001",
        "6000\u2011000\u2013001",
        "6000000001\r\n",
        "6000000001,00",
        "6 000 000 001,00",
        "6\u202f000\u202f000\u202f001,0",
        "6.000.000.001,00",
        "6,000,000,001.00",
    ],
)
def test_typed_references_lose_their_signs(typed: str) -> None:
    assert parse_client_reference(typed) == "6000000001"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "600000000",
        "60000000011",
        "5000000001",
        "8000000001",
        "0600000001",
        "600000000O",
        "+6000000001",
        "600000000¹",
        "O6000000001",
        "6000000001, 6000000002",
        "6.000.000.001.00",
        "60 000 000 001,00",
        "6 000 000 001,50",
    ],
)
def test_other_texts_are_no_reference(typed: str) -> None:
    assert parse_client_reference(typed) is None


@given(references)
def test_shown_reference_can_be_retyped(reference: str) -> None:
    assert parse_client_reference(group_digits(reference)) == reference


def test_reference_is_grouped_for_reading() -> None:
    assert group_digits("6000000001") == "6000 000 001"
