"""The table of scenarios: complete, in step with the catalogue of failures, and made of valid cards."""

import pytest

from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.cards import CardProblem, InvalidCard, brand_of, parse_card_number
from app.domain.failures import FAILURES, Failure
from app.domain.verdicts import Verdict, judge_bank_fault, judge_register_refusal, judge_result
from app.simulation.scenarios import (
    GOOD_CARDS,
    SCENARIOS,
    WRONG_CARD_REFERENCE,
    BankPageRoute,
    Scenario,
    ScenarioSection,
    ServerReply,
    after_signature,
    at_bank,
    before_bank,
    find_scenario,
    group_card_number,
)

#: What is known by its key is never renamed or removed; rows may be added.
KEYS = {
    ScenarioSection.BEFORE_THE_BANK: (
        "wrong_card unknown_card visa_debit debit_mastercard prepaid bancontact amex "
        "bank_unavailable bank_hangs bad_number expired_typed"
    ),
    ScenarioSection.AT_THE_BANK: (
        "success success_mastercard wrong_pin cancelled abandoned handoff_late "
        "online_payments_off temporarily_blocked just_unblocked refused_no_reason suspected_fraud stolen "
        "lost too_frequent not_enrolled non_payment_unsupported bank_technical attempt_only frictionless "
        "reserved_reason expired_at_bank"
    ),
    ScenarioSection.AFTER_THE_SIGNATURE: (
        "wrong_security_code card_blocked card_never_used verification_timeout"
    ),
    ScenarioSection.MISBEHAVING_BANK: (
        "forged_success garbled_cres duplicate_return foreign_acs late_result no_return"
    ),
    ScenarioSection.LINK: (
        "link_altered link_unknown link_expired link_replaced link_withdrawn link_active "
        "link_stopped link_in_progress link_locked link_missing"
    ),
    ScenarioSection.BANK_APP: ("kbc_confirmed kbc_refused kbc_silent"),
}
CARDS = [(row, card) for row in SCENARIOS.values() for card in row.cards]
REFUSED = (TransactionStatus.NOT_AUTHENTICATED, TransactionStatus.REJECTED)
FAILING = [row for row in SCENARIOS.values() if isinstance(row.page, Failure)]


@pytest.mark.parametrize("section", ScenarioSection)
def test_each_section_keeps_its_keys(section: ScenarioSection) -> None:
    assert set(KEYS[section].split()) <= {row.key for row in SCENARIOS.values() if row.section is section}


def test_no_key_stands_twice() -> None:
    rows = (*before_bank.ROWS, *at_bank.ROWS, *after_signature.ROWS, *after_signature.WITHOUT_CARD)
    assert len(rows) == len(SCENARIOS)


def test_no_card_leads_two_ways() -> None:
    cards = [card for _, card in CARDS]
    assert len(cards) == len(set(cards))


@pytest.mark.parametrize(("row", "card"), CARDS, ids=[card[-4:] for _, card in CARDS])
def test_only_the_bad_number_fails_luhn(row: Scenario, card: str) -> None:
    if row.page is CardProblem.NUMBER_CHECKSUM:
        with pytest.raises(InvalidCard):
            parse_card_number(card)
    else:
        assert parse_card_number(card) == card
        assert find_scenario(card) is row


def test_wrong_card_belongs_to_one_reference() -> None:
    card = SCENARIOS["wrong_card"].cards[0]
    assert find_scenario(card, WRONG_CARD_REFERENCE).succeeds
    assert find_scenario(card, "6000000002").reply is ServerReply.NOT_LINKED


def test_unlisted_number_is_an_unknown_card() -> None:
    assert find_scenario("5555555555554444").key == "unknown_card"


def test_good_cards_are_a_visa_and_a_mastercard() -> None:
    assert all(find_scenario(card).succeeds for card in GOOD_CARDS)
    assert {card[0] for card in GOOD_CARDS} == {"4", "5"}


@pytest.mark.parametrize("row", FAILING, ids=lambda row: row.key)
def test_failures_agree_with_the_catalogue(row: Scenario) -> None:
    verdict = _verdict(row)
    assert (row.page, row.counts, row.problem) == (verdict.failure, verdict.counts, verdict.problem)


@pytest.mark.parametrize("row", FAILING, ids=lambda row: row.key)
def test_checklist_starts_with_the_likeliest_cause(row: Scenario) -> None:
    assert isinstance(row.page, Failure)
    first = FAILURES[row.page].items[: len(row.first_items)]
    assert set(first) == set(row.first_items)


@pytest.mark.parametrize("row", FAILING, ids=lambda row: row.key)
def test_only_a_bank_that_refuses_says_why(row: Scenario) -> None:
    refused_on_its_page = row.route is BankPageRoute.SIGN and row.status in REFUSED
    assert row.bank_says is None or refused_on_its_page


def test_success_needs_challenge_and_verification() -> None:
    for row in SCENARIOS.values():
        if row.succeeds:
            assert row.is_challenged
            assert (row.status, row.verification) == (
                TransactionStatus.AUTHENTICATED,
                CardVerification.APPROVED,
            )


def test_printed_cards_are_grouped() -> None:
    assert group_card_number("4000024329596391") == "4000 0243 2959 6391"
    assert group_card_number("378282246310005") == "3782 822463 10005"


def _verdict(row: Scenario) -> Verdict:
    if row.status is not None:
        return judge_result(
            BankResult(row.status, row.reason, row.cancel, row.is_challenged, row.verification)
        )
    if row.reply in (ServerReply.NOT_LINKED, ServerReply.NOT_CREDIT):
        return judge_register_refusal(RegisterRefusal(row.reply.value), brand_of(row.cards[0]))
    return judge_bank_fault(BankFaultKind.UNREACHABLE)
