"""Section A: refused before the bank page."""

from functools import partial

from app.domain.cards import CardProblem
from app.domain.failures import ChecklistItem, Failure
from app.i18n import _l
from app.simulation.scenarios.scenario import RecoveryAction, Scenario, ScenarioSection, ServerReply

_scenario = partial(Scenario, section=ScenarioSection.BEFORE_THE_BANK)
_refused = partial(_scenario, recovery=RecoveryAction.RIGHT_CARD, counts=True, problem=True)
_not_linked = partial(
    _refused, reply=ServerReply.NOT_LINKED, page=Failure.WRONG_CARD, first_items=(ChecklistItem.REFERENCE,)
)
_not_credit = partial(
    _refused, reply=ServerReply.NOT_CREDIT, page=Failure.NOT_CREDIT, first_items=(ChecklistItem.KIND,)
)
_broken_bank = partial(
    _scenario,
    page=Failure.TECHNICAL,
    first_items=(ChecklistItem.LATER,),
    recovery=RecoveryAction.TRY_AGAIN,
)
_invalid_field = partial(_scenario, reply=ServerReply.NEVER_ASKED, recovery=RecoveryAction.RIGHT_DATA)

ROWS = (
    _not_linked(
        "wrong_card",
        why=_l("Visa credit of another client reference."),
        cards=("4000000000003220",),
    ),
    _not_linked("unknown_card", why=_l("Not known to the issuer's register."), cards=("4111111111111111",)),
    _not_credit("visa_debit", why=_l("Visa Debit."), cards=("4000068558002134", "4000056655665556")),
    _not_credit("debit_mastercard", why=_l("Debit Mastercard."), cards=("5101169573112521",)),
    _not_credit("prepaid", why=_l("Prepaid card."), cards=("5105105105105100",)),
    _not_credit("bancontact", why=_l("Debit card that carries two brands."), cards=("4871049999999910",)),
    _not_credit(
        "amex",
        why=_l("A brand that is not carried. Its code has four digits."),
        cards=("378282246310005",),
        page=Failure.BRAND_NOT_CARRIED,
        first_items=(ChecklistItem.BRAND,),
    ),
    _broken_bank(
        "bank_unavailable",
        why=_l("The bank's server answers with HTTP 500."),
        cards=("4000008400001280",),
        reply=ServerReply.UNAVAILABLE,
    ),
    _broken_bank(
        "bank_hangs",
        why=_l("The bank's server does not answer."),
        cards=("4000005600000195",),
        reply=ServerReply.SILENT,
    ),
    _invalid_field(
        "bad_number",
        why=_l("The number fails its checksum."),
        cards=("4242424242424241",),
        page=CardProblem.NUMBER_CHECKSUM,
    ),
    _invalid_field(
        "expired_typed", why=_l("Any card with an expiry date in the past."), page=CardProblem.EXPIRY_PAST
    ),
)
