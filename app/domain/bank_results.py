"""What the bank may answer: EMV 3-D Secure 2.2 statuses, the zero-amount verification, the faults."""

from dataclasses import dataclass
from enum import StrEnum


class TransactionStatus(StrEnum):
    """transStatus of the fetched result (EMV 3DS 2.2.0)."""

    AUTHENTICATED = "Y"
    NOT_AUTHENTICATED = "N"
    UNAVAILABLE = "U"
    ATTEMPTED = "A"
    REJECTED = "R"


class CardVerification(StrEnum):
    """The second verdict: what the zero-amount verification said after a good signature."""

    APPROVED = "approved"
    WRONG_SECURITY_CODE = "wrong_security_code"
    CARD_BLOCKED = "card_blocked"
    CARD_NEVER_USED = "card_never_used"
    NOT_AVAILABLE = "not_available"


class AppDecision(StrEnum):
    """What the cardholder answered in the bank's own app."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class RegisterRefusal(StrEnum):
    """Why the issuer's register refuses the card before any bank page."""

    NOT_LINKED = "not_linked"
    NOT_CREDIT = "not_credit"


class BankFaultKind(StrEnum):
    """How the conversation with the bank can break; never the cardholder's fault."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    BAD_ANSWER = "bad_answer"
    FOREIGN_CHALLENGE = "foreign_challenge"
    UNKNOWN_TRANSACTION = "unknown_transaction"
    #: It had not answered others, so it was not even asked.
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class BankResult:
    """The bank's answer about one attempt, as fetched server to server.

    `reason` is transStatusReason (two digits) or None: for non-payment requests it is optional.
    `challenged` tells whether the cardholder was asked to sign; without it a Y is no consent.
    """

    status: TransactionStatus
    reason: str | None = None
    cancel: str | None = None
    challenged: bool = True
    verification: CardVerification | None = None

    @property
    def approved(self) -> bool:
        """Signed after a challenge, and the card verified: the only way to an active service."""
        return (
            self.status is TransactionStatus.AUTHENTICATED
            and self.challenged
            and self.verification is CardVerification.APPROVED
        )
