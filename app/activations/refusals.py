"""Why a use case is refused: to an accountant a problem, to a cardholder a condition of the link."""

from datetime import datetime
from enum import StrEnum

from app.activations.standing import ActivationView
from app.domain.states import LinkCondition


class OrderProblem(StrEnum):
    """What is wrong with an accountant's wish; each has a sentence wherever it is shown."""

    NO_DOSSIER = "no_dossier"
    NO_MANDATE = "no_mandate"
    BANK_NOT_OFFERED = "bank_not_offered"
    REFERENCE_MISSING = "reference_missing"
    BAD_REFERENCE = "bad_reference"
    ADDRESS_MISSING = "address_missing"
    BAD_ADDRESS = "bad_address"
    BAD_LANGUAGE = "bad_language"
    IBAN_MISSING = "iban_missing"
    IBAN_NOT_NEEDED = "iban_not_needed"
    BAD_IBAN = "bad_iban"
    IBAN_OF_OTHER_BANK = "iban_of_other_bank"
    ALREADY_ORDERED = "already_ordered"
    UNKNOWN_ACTIVATION = "unknown_activation"
    NOT_IN_THIS_STATE = "not_in_this_state"
    NO_LINK = "no_link"
    NO_ADDRESS = "no_address"
    CHANGED_MEANWHILE = "changed_meanwhile"
    SENT_TOO_OFTEN = "sent_too_often"


class ActionRefused(Exception):
    """The wish cannot be granted and nothing has changed.

    `existing` points to the open request; `opens_at` is when the same wish may be granted.
    """

    def __init__(
        self, problem: OrderProblem, existing: str | None = None, opens_at: datetime | None = None
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.existing = existing
        self.opens_at = opens_at


class LinkUnavailable(Exception):
    """The link does not open the wizard; `standing` is None where nothing may be told."""

    def __init__(
        self,
        condition: LinkCondition,
        standing: ActivationView | None = None,
        opens_at: datetime | None = None,
    ) -> None:
        super().__init__(condition.value)
        self.condition = condition
        self.standing = standing
        self.opens_at = opens_at
