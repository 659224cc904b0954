"""Every state, every action: what is allowed, what is not, and what a link then opens."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product

import pytest

from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind, OfficeEventType
from app.domain.message_rules import OfficeMessage
from app.domain.states import (
    HOLDING,
    OPEN,
    STEPS,
    TRANSITIONS,
    ActivationState,
    LifecycleAction,
    LinkCondition,
    LinkStatus,
    TransitionNotAllowed,
    WizardStep,
    link_condition,
    next_state,
    source_states,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)

INVITED, TERMS, BANK = ActivationState.INVITED, ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK

#: What the design allows, written out a second time; whatever is not here must be refused.
ALLOWED = {
    (INVITED, LifecycleAction.ACCEPT_TERMS): TERMS,
    (TERMS, LifecycleAction.SUBMIT_CARD): BANK,
    (BANK, LifecycleAction.SUCCEED): ActivationState.ACTIVE,
    (BANK, LifecycleAction.FAIL): TERMS,
    (BANK, LifecycleAction.START_OVER): TERMS,
    (INVITED, LifecycleAction.CONFIRM_IN_BANK_APP): ActivationState.ACTIVE,
    (INVITED, LifecycleAction.RESEND): INVITED,
    (TERMS, LifecycleAction.RESEND): TERMS,
    (BANK, LifecycleAction.RESEND): BANK,
    (INVITED, LifecycleAction.REMIND): INVITED,
    (TERMS, LifecycleAction.REMIND): TERMS,
    (INVITED, LifecycleAction.REPLACE): INVITED,
    (TERMS, LifecycleAction.REPLACE): INVITED,
    (BANK, LifecycleAction.REPLACE): INVITED,
    (INVITED, LifecycleAction.CANCEL): ActivationState.CANCELLED,
    (TERMS, LifecycleAction.CANCEL): ActivationState.CANCELLED,
    (BANK, LifecycleAction.CANCEL): ActivationState.CANCELLED,
    (INVITED, LifecycleAction.EXPIRE): ActivationState.EXPIRED,
    (TERMS, LifecycleAction.EXPIRE): ActivationState.EXPIRED,
    (BANK, LifecycleAction.EXPIRE): ActivationState.EXPIRED,
    (ActivationState.ACTIVE, LifecycleAction.REVOKE): ActivationState.REVOKED,
    (ActivationState.EXPIRED, LifecycleAction.RELAUNCH): INVITED,
    (ActivationState.CANCELLED, LifecycleAction.RELAUNCH): INVITED,
}


@pytest.mark.parametrize(("state", "action"), product(ActivationState, LifecycleAction))
def test_every_action_moves_or_is_refused(state: ActivationState, action: LifecycleAction) -> None:
    if (state, action) in ALLOWED:
        assert next_state(state, action) is ALLOWED[state, action]
        assert state in source_states(action)
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        next_state(state, action)
    assert (refused.value.state, refused.value.action) == (state, action)
    assert str(refused.value) == f"{action} is not allowed from {state}"
    assert state not in source_states(action)


def test_every_action_is_allowed_somewhere() -> None:
    assert {action for _, action in TRANSITIONS} == set(LifecycleAction)


def test_every_state_can_be_reached() -> None:
    assert {ActivationState.INVITED, *TRANSITIONS.values()} == set(ActivationState)


def test_revoked_is_the_only_dead_end() -> None:
    assert set(ActivationState) - {state for state, _ in TRANSITIONS} == {ActivationState.REVOKED}


def test_only_signing_or_bank_app_activates() -> None:
    ways = {move for move, after in TRANSITIONS.items() if after is ActivationState.ACTIVE}
    assert ways == {(BANK, LifecycleAction.SUCCEED), (INVITED, LifecycleAction.CONFIRM_IN_BANK_APP)}


def test_open_states_hold_the_reference() -> None:
    assert set(OPEN) == {INVITED, TERMS, BANK}
    assert set(HOLDING) == {INVITED, TERMS, BANK, ActivationState.ACTIVE}


def test_each_state_opens_one_page() -> None:
    assert dict(STEPS) == {
        INVITED: WizardStep.WELCOME,
        TERMS: WizardStep.CARD,
        BANK: WizardStep.RESULT,
        ActivationState.ACTIVE: WizardStep.RESULT,
    }
    assert set(STEPS.values()) == set(WizardStep)


def facts(
    state: ActivationState = INVITED,
    *,
    generation: int = 2,
    link: int = 2,
    expires: datetime = LATER,
    has_link: bool = True,
) -> LinkStatus:
    return LinkStatus(state, generation, link, expires, has_link)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (facts(), None),
        (facts(TERMS), None),
        (facts(BANK), None),
        (facts(ActivationState.ACTIVE), LinkCondition.ACTIVE),
        (facts(ActivationState.CANCELLED), LinkCondition.WITHDRAWN),
        (facts(ActivationState.REVOKED), LinkCondition.STOPPED),
        (facts(ActivationState.EXPIRED), LinkCondition.EXPIRED),
        (facts(expires=NOW), LinkCondition.EXPIRED),
        (facts(BANK, expires=EARLIER), LinkCondition.EXPIRED),
        (facts(link=1), LinkCondition.REPLACED),
        (facts(link=3), LinkCondition.REPLACED),
        # Replaced outranks expired: the newer link is in the mailbox.
        (facts(link=1, expires=EARLIER), LinkCondition.REPLACED),
        (facts(ActivationState.EXPIRED, link=1), LinkCondition.REPLACED),
        # A final state outranks both.
        (facts(ActivationState.ACTIVE, expires=EARLIER), LinkCondition.ACTIVE),
        (facts(ActivationState.ACTIVE, link=1), LinkCondition.ACTIVE),
        (facts(ActivationState.CANCELLED, link=1, expires=EARLIER), LinkCondition.WITHDRAWN),
        (facts(ActivationState.REVOKED, link=1, expires=EARLIER), LinkCondition.STOPPED),
        # KBC and CBC know no link, so none of theirs is ever genuine.
        (facts(has_link=False), LinkCondition.UNKNOWN),
        (facts(ActivationState.ACTIVE, has_link=False), LinkCondition.UNKNOWN),
        (facts(ActivationState.CANCELLED, has_link=False, link=1), LinkCondition.UNKNOWN),
        (facts(has_link=False, expires=EARLIER), LinkCondition.UNKNOWN),
    ],
)
def test_link_says_why_it_is_closed(given: LinkStatus, expected: LinkCondition | None) -> None:
    assert link_condition(given, NOW) is expected


@pytest.mark.parametrize("state", ActivationState)
def test_good_link_opens_page_or_explains(state: ActivationState) -> None:
    opens = link_condition(facts(state), NOW) is None
    assert opens == (state in OPEN)
    assert not opens or state in STEPS


@pytest.mark.parametrize(
    "words", [ActivationState, AttemptOutcome, EventType, Failure, MailKind, OfficeEventType, OfficeMessage]
)
def test_words_that_rows_hold_never_change(words: type[StrEnum]) -> None:
    assert [word.value for word in words] == [word.name.lower() for word in words]
