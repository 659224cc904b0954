"""Section A: refused before the bank page."""

from app.domain.cards import Problem
from app.domain.failures import Failure, Item
from app.simulator.scenarios.row import Recovery, Reply, Scenario, Section


def _not_linked(key: str, card: str, why: str) -> Scenario:
    return Scenario(
        key,
        Section.BEFORE_THE_BANK,
        why,
        Reply.NOT_LINKED,
        (card,),
        page=Failure.WRONG_CARD,
        first_items=(Item.REFERENCE,),
        recovery=Recovery.RIGHT_CARD,
        counts=True,
        problem=True,
    )


def _not_credit(key: str, cards: tuple[str, ...], why: str) -> Scenario:
    return Scenario(
        key,
        Section.BEFORE_THE_BANK,
        why,
        Reply.NOT_CREDIT,
        cards,
        page=Failure.NOT_CREDIT,
        first_items=(Item.KIND,),
        recovery=Recovery.RIGHT_CARD,
        counts=True,
        problem=True,
    )


def _broken(key: str, card: str, why: str, reply: Reply) -> Scenario:
    return Scenario(
        key,
        Section.BEFORE_THE_BANK,
        why,
        reply,
        (card,),
        page=Failure.TECHNICAL,
        first_items=(Item.LATER,),
        recovery=Recovery.TRY_AGAIN,
    )


def _field(key: str, cards: tuple[str, ...], why: str, problem: Problem) -> Scenario:
    return Scenario(
        key,
        Section.BEFORE_THE_BANK,
        why,
        Reply.NEVER_ASKED,
        cards,
        page=problem,
        recovery=Recovery.RIGHT_DATA,
    )


ROWS = (
    _not_linked("wrong_card", "4000000000003220", "Visa credit of another client reference."),
    _not_linked("unknown_card", "4111111111111111", "Not known to the issuer's register."),
    _not_credit("visa_debit", ("4000068558002134", "4000056655665556"), "Visa Debit."),
    _not_credit("debit_mastercard", ("5101169573112521",), "Debit Mastercard."),
    _not_credit("prepaid", ("5105105105105100",), "Prepaid card."),
    _not_credit("bancontact", ("4871049999999910",), "Co-badged Bancontact card."),
    _not_credit("amex", ("378282246310005",), "A brand that is not carried; its code has four digits."),
    _broken(
        "bank_unavailable", "4000008400001280", "The bank's server answers with HTTP 500.", Reply.UNAVAILABLE
    ),
    _broken("bank_hangs", "4000005600000195", "The bank's server does not answer.", Reply.SILENT),
    _field("bad_number", ("4242424242424241",), "The number fails its checksum.", Problem.NUMBER_CHECKSUM),
    _field("expired_typed", (), "Any card with an expiry date in the past.", Problem.EXPIRY_PAST),
)
