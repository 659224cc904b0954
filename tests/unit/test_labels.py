"""The word that the accountant reads, for every state, before and after the link's end."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.domain.activation import OPEN, State
from app.domain.labels import Label, label

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)

ENDED = {
    State.CANCELLED: Label.CANCELLED,
    State.REVOKED: Label.CANCELLED,
    State.ACTIVE: Label.ACTIVE,
    State.EXPIRED: Label.EXPIRED,
}


@pytest.mark.parametrize(("state", "over", "problem"), product(ENDED, (True, False), (True, False)))
def test_ended_requests_keep_their_word(state: State, over: bool, problem: bool) -> None:
    assert label(state, NOW if over else NOW + SECOND, problem, NOW) is ENDED[state]


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize(
    ("expires", "problem", "expected"),
    [
        (NOW + SECOND, False, Label.INVITATION_SENT),
        (NOW + SECOND, True, Label.PROBLEM),
        (NOW, False, Label.EXPIRED),
        (NOW, True, Label.EXPIRED),
        (NOW - SECOND, True, Label.EXPIRED),
    ],
)
def test_open_requests_show_the_worst(
    state: State, expires: datetime, problem: bool, expected: Label
) -> None:
    assert label(state, expires, problem, NOW) is expected


def test_every_state_is_covered() -> None:
    assert set(ENDED) | OPEN == set(State)


def test_only_missing_requests_lack_words() -> None:
    shown = {
        label(state, expires, problem, NOW)
        for state, expires, problem in product(State, (NOW, NOW + SECOND), (True, False))
    }
    assert set(Label) - shown == {Label.NOT_ORDERED}
