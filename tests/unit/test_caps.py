"""How often is enough: when there is room again, and the word for each number that may be set."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.domain.caps import DAY, FEWEST, MOST, Caps, next_allowed_at
from app.i18n import LANGUAGES, override_locale
from app.localized_templates import init_app
from app.wording import NUMBERS
from tests.support.doubles import START

minutes_ago = st.lists(st.integers(min_value=0, max_value=3 * 24 * 60))


def test_every_number_that_may_be_set_has_a_word() -> None:
    assert [*NUMBERS] == [*range(FEWEST, MOST + 1)]
    # No page names how often a whole office corrects.
    named = {name: cap for name, cap in vars(Caps()).items() if name != "office_corrections_an_hour"}
    assert all(FEWEST <= cap <= MOST for cap in named.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_numbers_share_a_word(language: str) -> None:
    reader = Flask("reader")
    init_app(reader)
    with reader.app_context(), override_locale(language):
        assert len({str(word) for word in NUMBERS.values()}) == len(NUMBERS)


@given(minutes_ago, st.integers(FEWEST, MOST))
def test_there_is_room_exactly_while_fewer_than_the_cap_lie_in_the_window(ago: list[int], cap: int) -> None:
    happened = [START - timedelta(minutes=minutes) for minutes in ago]
    lately = [at for at in happened if START - at < DAY]
    opens_at = next_allowed_at(happened, cap, DAY, START)

    assert (opens_at is None) == (len(lately) < cap)
    if opens_at:
        assert START < opens_at <= START + DAY
        assert next_allowed_at(happened, cap, DAY, opens_at) is None
        assert next_allowed_at(happened, cap, DAY, opens_at - timedelta(seconds=1)) == opens_at
