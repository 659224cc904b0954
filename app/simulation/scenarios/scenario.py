"""What one row of the table of scenarios says, and the words that it may use."""

from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel.speaklater import LazyString

from app.domain.bank_results import CardVerification, TransactionStatus
from app.domain.banks import ActivationRoute
from app.domain.cards import CardProblem
from app.domain.failures import ChecklistItem, Failure
from app.domain.states import ActivationState, LinkCondition


class ScenarioSection(StrEnum):
    """Where in the story the ending is decided."""

    BEFORE_THE_BANK = "A"
    AT_THE_BANK = "B"
    AFTER_THE_SIGNATURE = "C"
    MISBEHAVING_BANK = "D"
    LINK = "E"
    BANK_APP = "F"


class ServerReply(StrEnum):
    """How the bank's server answers the request for an authentication."""

    CHALLENGE = "challenge"
    FOREIGN_CHALLENGE = "foreign_challenge"
    FINAL = "final"
    NOT_LINKED = "not_linked"
    NOT_CREDIT = "not_credit"
    UNAVAILABLE = "unavailable"
    SILENT = "silent"
    NEVER_ASKED = "never_asked"


class BankPageRoute(StrEnum):
    """What the cardholder does on the bank's pages to reach this ending."""

    SIGN = "sign"
    WRONG_RESPONSES = "wrong_responses"
    CANCEL = "cancel"
    LEAVE = "leave"
    ARRIVE_LATE = "arrive_late"
    NONE = "none"


class ReturnFault(StrEnum):
    """How the bank misbehaves around a good signature."""

    FORGED_CRES = "forged_cres"
    GARBLED_CRES = "garbled_cres"
    DUPLICATE_RETURN = "duplicate_return"
    LATE_RESULT = "late_result"
    NO_RETURN = "no_return"


class RecoveryAction(StrEnum):
    """What makes the same cardholder succeed afterwards; the first four are done at the bank."""

    ALLOW_ONLINE = "allow_online"
    UNBLOCK_CARD = "unblock_card"
    USE_CARD = "use_card"
    UNBLOCK_PIN = "unblock_pin"
    RIGHT_CARD = "right_card"
    RIGHT_DATA = "right_data"
    TRY_AGAIN = "try_again"
    WAIT = "wait"
    NONE = "none"


@dataclass(frozen=True)
class Scenario:
    """One way an activation ends: the card that leads there, what the bank does, what the page says.

    `page` is the failure, the field's problem, the link's condition or the state that the person sees;
    None is success. `first_items` are the checklist items that may stand first. `bank_says` is the cause as
    a bank that speaks plainly tells it on its own page.
    """

    key: str
    section: ScenarioSection
    why: LazyString = field(compare=False, repr=False)
    reply: ServerReply
    cards: tuple[str, ...] = ()
    route: BankPageRoute = BankPageRoute.NONE
    status: TransactionStatus | None = None
    reason: str | None = None
    cancel: str | None = None
    verification: CardVerification | None = None
    quirk: ReturnFault | None = None
    bank_says: LazyString | None = field(default=None, compare=False, repr=False)
    page: Failure | CardProblem | LinkCondition | ActivationState | None = None
    first_items: tuple[ChecklistItem, ...] = ()
    recovery: RecoveryAction = RecoveryAction.NONE
    counts: bool = False
    problem: bool = False

    @property
    def activation_route(self) -> ActivationRoute:
        """Where its cardholders activate: it can happen only at banks of this route."""
        in_app = self.section is ScenarioSection.BANK_APP
        return ActivationRoute.BANK_APP if in_app else ActivationRoute.LINK

    @property
    def is_challenged(self) -> bool:
        """Whether the cardholder is asked to sign before this ending."""
        return self.route in (
            BankPageRoute.SIGN,
            BankPageRoute.WRONG_RESPONSES,
            BankPageRoute.CANCEL,
            BankPageRoute.LEAVE,
        )

    @property
    def succeeds(self) -> bool:
        """Whether the bank's answer activates the service."""
        return self.page is None and self.verification is CardVerification.APPROVED
