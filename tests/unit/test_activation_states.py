"""Every state, every action: what is allowed, what is not, and what a link then opens."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.domain.activation import (
    HOLDING,
    OPEN,
    STEPS,
    TRANSITIONS,
    Action,
    LinkCondition,
    LinkFacts,
    NotAllowed,
    State,
    Step,
    advance,
    link_condition,
    sources,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)

INVITED, TERMS, BANK = State.INVITED, State.TERMS_ACCEPTED, State.AWAITING_BANK

#: What the design allows, written out a second time; whatever is not here must be refused.
ALLOWED = {
    (INVITED, Action.ACCEPT_TERMS): TERMS,
    (TERMS, Action.SUBMIT_CARD): BANK,
    (BANK, Action.SUCCEED): State.ACTIVE,
    (BANK, Action.FAIL): TERMS,
    (BANK, Action.START_OVER): TERMS,
    (INVITED, Action.CONFIRM_IN_BANK_APP): State.ACTIVE,
    (INVITED, Action.RESEND): INVITED,
    (TERMS, Action.RESEND): TERMS,
    (BANK, Action.RESEND): BANK,
    (INVITED, Action.REPLACE): INVITED,
    (TERMS, Action.REPLACE): INVITED,
    (BANK, Action.REPLACE): INVITED,
    (INVITED, Action.CANCEL): State.CANCELLED,
    (TERMS, Action.CANCEL): State.CANCELLED,
    (BANK, Action.CANCEL): State.CANCELLED,
    (INVITED, Action.EXPIRE): State.EXPIRED,
    (TERMS, Action.EXPIRE): State.EXPIRED,
    (BANK, Action.EXPIRE): State.EXPIRED,
    (State.ACTIVE, Action.REVOKE): State.REVOKED,
    (State.EXPIRED, Action.RELAUNCH): INVITED,
    (State.CANCELLED, Action.RELAUNCH): INVITED,
}


@pytest.mark.parametrize(("state", "action"), product(State, Action))
def test_every_action_moves_or_is_refused(state: State, action: Action) -> None:
    if (state, action) in ALLOWED:
        assert advance(state, action) is ALLOWED[state, action]
        assert state in sources(action)
        return
    with pytest.raises(NotAllowed) as refused:
        advance(state, action)
    assert (refused.value.state, refused.value.action) == (state, action)
    assert str(refused.value) == f"{action} is not allowed from {state}"
    assert state not in sources(action)


def test_every_action_is_allowed_somewhere() -> None:
    assert {action for _, action in TRANSITIONS} == set(Action)


def test_every_state_can_be_reached() -> None:
    assert {State.INVITED, *TRANSITIONS.values()} == set(State)


def test_revoked_is_the_only_dead_end() -> None:
    assert set(State) - {state for state, _ in TRANSITIONS} == {State.REVOKED}


def test_only_signing_or_bank_app_activates() -> None:
    ways = {move for move, after in TRANSITIONS.items() if after is State.ACTIVE}
    assert ways == {(BANK, Action.SUCCEED), (INVITED, Action.CONFIRM_IN_BANK_APP)}


def test_open_states_hold_the_reference() -> None:
    assert set(OPEN) == {INVITED, TERMS, BANK}
    assert set(HOLDING) == {INVITED, TERMS, BANK, State.ACTIVE}


def test_each_state_opens_one_page() -> None:
    assert dict(STEPS) == {
        INVITED: Step.WELCOME,
        TERMS: Step.CARD,
        BANK: Step.RESULT,
        State.ACTIVE: Step.RESULT,
    }
    assert set(STEPS.values()) == set(Step)


def facts(
    state: State = INVITED,
    *,
    generation: int = 2,
    link: int = 2,
    expires: datetime = LATER,
    has_link: bool = True,
) -> LinkFacts:
    return LinkFacts(state, generation, link, expires, has_link)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (facts(), None),
        (facts(TERMS), None),
        (facts(BANK), None),
        (facts(State.ACTIVE), LinkCondition.ACTIVE),
        (facts(State.CANCELLED), LinkCondition.WITHDRAWN),
        (facts(State.REVOKED), LinkCondition.WITHDRAWN),
        (facts(State.EXPIRED), LinkCondition.EXPIRED),
        (facts(expires=NOW), LinkCondition.EXPIRED),
        (facts(BANK, expires=EARLIER), LinkCondition.EXPIRED),
        (facts(link=1), LinkCondition.REPLACED),
        (facts(link=3), LinkCondition.REPLACED),
        # Replaced outranks expired: the newer link is in the mailbox.
        (facts(link=1, expires=EARLIER), LinkCondition.REPLACED),
        (facts(State.EXPIRED, link=1), LinkCondition.REPLACED),
        # A final state outranks both.
        (facts(State.ACTIVE, expires=EARLIER), LinkCondition.ACTIVE),
        (facts(State.ACTIVE, link=1), LinkCondition.ACTIVE),
        (facts(State.CANCELLED, link=1, expires=EARLIER), LinkCondition.WITHDRAWN),
        (facts(State.REVOKED, link=1, expires=EARLIER), LinkCondition.WITHDRAWN),
        # KBC and CBC know no link, so none of theirs is ever genuine.
        (facts(has_link=False), LinkCondition.UNKNOWN),
        (facts(State.ACTIVE, has_link=False), LinkCondition.UNKNOWN),
        (facts(State.CANCELLED, has_link=False, link=1), LinkCondition.UNKNOWN),
        (facts(has_link=False, expires=EARLIER), LinkCondition.UNKNOWN),
    ],
)
def test_link_says_why_it_is_closed(given: LinkFacts, expected: LinkCondition | None) -> None:
    assert link_condition(given, NOW) is expected


@pytest.mark.parametrize("state", State)
def test_good_link_opens_page_or_explains(state: State) -> None:
    opens = link_condition(facts(state), NOW) is None
    assert opens == (state in OPEN)
    assert not opens or state in STEPS
