"""Statements flow from the month after the activation on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.states import first_statement_month


@pytest.mark.parametrize(
    ("activated", "first"),
    [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 11, 30), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
    ],
)
def test_statements_start_the_next_month(activated: date, first: date) -> None:
    assert first_statement_month(activated) == first


@given(st.dates(max_value=date(9999, 11, 30)))
def test_first_month_is_always_ahead(activated: date) -> None:
    first = first_statement_month(activated)
    assert first.day == 1
    assert 1 <= (first - activated).days <= 31
