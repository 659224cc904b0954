"""Section A: refused before the bank page."""

from app.domain.cards import CardProblem
from app.domain.failures import ChecklistItem, Failure
from app.simulation.scenarios.scenario import RecoveryAction, Scenario, ScenarioSection, ServerReply


def _not_linked_scenario(key: str, card: str, why: str) -> Scenario:
    return Scenario(
        key,
        ScenarioSection.BEFORE_THE_BANK,
        why,
        ServerReply.NOT_LINKED,
        (card,),
        page=Failure.WRONG_CARD,
        first_items=(ChecklistItem.REFERENCE,),
        recovery=RecoveryAction.RIGHT_CARD,
        counts=True,
        problem=True,
    )


def _not_credit_scenario(key: str, cards: tuple[str, ...], why: str) -> Scenario:
    return Scenario(
        key,
        ScenarioSection.BEFORE_THE_BANK,
        why,
        ServerReply.NOT_CREDIT,
        cards,
        page=Failure.NOT_CREDIT,
        first_items=(ChecklistItem.KIND,),
        recovery=RecoveryAction.RIGHT_CARD,
        counts=True,
        problem=True,
    )


def _broken_bank_scenario(key: str, card: str, why: str, reply: ServerReply) -> Scenario:
    return Scenario(
        key,
        ScenarioSection.BEFORE_THE_BANK,
        why,
        reply,
        (card,),
        page=Failure.TECHNICAL,
        first_items=(ChecklistItem.LATER,),
        recovery=RecoveryAction.TRY_AGAIN,
    )


def _invalid_field_scenario(key: str, cards: tuple[str, ...], why: str, problem: CardProblem) -> Scenario:
    return Scenario(
        key,
        ScenarioSection.BEFORE_THE_BANK,
        why,
        ServerReply.NEVER_ASKED,
        cards,
        page=problem,
        recovery=RecoveryAction.RIGHT_DATA,
    )


ROWS = (
    _not_linked_scenario("wrong_card", "4000000000003220", "Visa credit of another client reference."),
    _not_linked_scenario("unknown_card", "4111111111111111", "Not known to the issuer's register."),
    _not_credit_scenario("visa_debit", ("4000068558002134", "4000056655665556"), "Visa Debit."),
    _not_credit_scenario("debit_mastercard", ("5101169573112521",), "Debit Mastercard."),
    _not_credit_scenario("prepaid", ("5105105105105100",), "Prepaid card."),
    _not_credit_scenario("bancontact", ("4871049999999910",), "Co-badged Bancontact card."),
    Scenario(
        "amex",
        ScenarioSection.BEFORE_THE_BANK,
        "A brand that is not carried; its code has four digits.",
        ServerReply.NOT_CREDIT,
        ("378282246310005",),
        page=Failure.BRAND_NOT_CARRIED,
        first_items=(ChecklistItem.BRAND,),
        recovery=RecoveryAction.RIGHT_CARD,
        counts=True,
        problem=True,
    ),
    _broken_bank_scenario(
        "bank_unavailable",
        "4000008400001280",
        "The bank's server answers with HTTP 500.",
        ServerReply.UNAVAILABLE,
    ),
    _broken_bank_scenario(
        "bank_hangs", "4000005600000195", "The bank's server does not answer.", ServerReply.SILENT
    ),
    _invalid_field_scenario(
        "bad_number", ("4242424242424241",), "The number fails its checksum.", CardProblem.NUMBER_CHECKSUM
    ),
    _invalid_field_scenario(
        "expired_typed", (), "Any card with an expiry date in the past.", CardProblem.EXPIRY_PAST
    ),
)
