"""What happens to an activation, as the accountant and the auditor read it back."""

from enum import StrEnum

#: Who does things beside the accountants, who are named by their number.
CARDHOLDER = "cardholder"
WORKER = "worker"
BANK = "bank"


class EventType(StrEnum):
    """One line of the history; none ever carries card data, an address or a link."""

    ORDERED = "ordered"
    RESENT = "resent"
    REMINDED = "reminded"
    LINK_REPLACED = "link_replaced"
    ADDRESS_CORRECTED = "address_corrected"
    LINK_SHOWN = "link_shown"
    LINK_COPIED = "link_copied"
    RELAUNCHED = "relaunched"
    LANGUAGE_CHANGED = "language_changed"
    TERMS_ACCEPTED = "terms_accepted"
    ATTEMPT_FAILED = "attempt_failed"
    STARTED_OVER = "started_over"
    LATE_RESULT = "late_result"
    OFFICE_MESSAGE = "office_message"
    ACTIVATED = "activated"
    REFUSED_IN_APP = "refused_in_app"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    EXPIRED = "expired"
    MAIL_SENT = "mail_sent"
    MAIL_DEAD = "mail_dead"
    MAIL_DROPPED = "mail_dropped"
    ADDRESS_ERASED = "address_erased"


class OfficeEventType(StrEnum):
    """What an accountant did with the office as a whole."""

    LIST_EXPORTED = "list_exported"
    BULK_ACTION = "bulk_action"
    SETTINGS_CHANGED = "settings_changed"
    COLLEAGUE_INVITED = "colleague_invited"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    COLLEAGUE_JOINED = "colleague_joined"
    ROLE_CHANGED = "role_changed"
    COLLEAGUE_DISABLED = "colleague_disabled"
    COLLEAGUE_ENABLED = "colleague_enabled"
    DOSSIERS_IMPORTED = "dossiers_imported"


#: With each of these a new generation begins.
NEW_GENERATION = (EventType.LINK_REPLACED, EventType.RELAUNCHED)

#: What comes after a message of the cardholder and settles it: what the office did, or how they went on.
SETTLING = frozenset(
    {
        *NEW_GENERATION,
        EventType.RESENT,
        EventType.LINK_COPIED,
        EventType.CANCELLED,
        EventType.REVOKED,
        EventType.TERMS_ACCEPTED,
        EventType.ACTIVATED,
    }
)


class AttemptOutcome(StrEnum):
    """How an attempt ended; an open attempt has none."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class MailKind(StrEnum):
    """The mails that go out on their own."""

    INVITATION = "invitation"
    INSTRUCTIONS = "instructions"
    FIRST_REMINDER = "first_reminder"
    SECOND_REMINDER = "second_reminder"
    THIRD_REMINDER = "third_reminder"
    CONFIRMATION = "confirmation"
    PROBLEM = "problem"
    INVITATION_UNDELIVERED = "invitation_undelivered"
    CONFIRMATION_UNDELIVERED = "confirmation_undelivered"
    NEW_LINK_WANTED = "new_link_wanted"
    REQUEST_UNEXPECTED = "request_unexpected"
    SIGN_IN = "sign_in"
    NEW_BROWSER = "new_browser"
    ACTIVATED = "activated"
    EXPIRED = "expired"
    DIGEST = "digest"
    COLLEAGUE_INVITED = "colleague_invited"
