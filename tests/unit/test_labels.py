"""The word that the accountant reads, for every state, before and after the link's end."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.domain.states import OPEN, ActivationState, StatusLabel, status_label

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)

ENDED = {
    ActivationState.CANCELLED: StatusLabel.CANCELLED,
    ActivationState.REVOKED: StatusLabel.CANCELLED,
    ActivationState.ACTIVE: StatusLabel.ACTIVE,
    ActivationState.EXPIRED: StatusLabel.EXPIRED,
}


@pytest.mark.parametrize(("state", "over", "problem"), product(ENDED, (True, False), (True, False)))
def test_ended_requests_keep_their_word(state: ActivationState, over: bool, problem: bool) -> None:
    assert status_label(state, NOW if over else NOW + SECOND, problem, NOW) is ENDED[state]


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize(
    ("expires", "problem", "expected"),
    [
        (NOW + SECOND, False, StatusLabel.INVITATION_SENT),
        (NOW + SECOND, True, StatusLabel.PROBLEM),
        (NOW, False, StatusLabel.EXPIRED),
        (NOW, True, StatusLabel.EXPIRED),
        (NOW - SECOND, True, StatusLabel.EXPIRED),
    ],
)
def test_open_requests_show_the_worst(
    state: ActivationState, expires: datetime, problem: bool, expected: StatusLabel
) -> None:
    assert status_label(state, expires, problem, NOW) is expected


def test_every_state_is_covered() -> None:
    assert set(ENDED) | OPEN == set(ActivationState)


def test_only_missing_requests_lack_words() -> None:
    shown = {
        status_label(state, expires, problem, NOW)
        for state, expires, problem in product(ActivationState, (NOW, NOW + SECOND), (True, False))
    }
    assert set(StatusLabel) - shown == {StatusLabel.NOT_ORDERED}
