"""What the lines of a history say: who acted, what happened, and which mail it was about."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.domain.history import EventType, MailKind
from app.i18n import _l

HAPPENINGS: Mapping[EventType, LazyString] = {
    EventType.ORDERED: _l("CARO was ordered."),
    EventType.RESENT: _l("The invitation was sent again."),
    EventType.LINK_REPLACED: _l("The link was replaced and a new invitation was sent."),
    EventType.LINK_COPIED: _l("The activation link was copied."),
    EventType.RELAUNCHED: _l("The request was relaunched."),
    EventType.TERMS_ACCEPTED: _l("The reference was confirmed and the conditions were accepted."),
    EventType.ATTEMPT_FAILED: _l("An attempt to activate failed."),
    EventType.STARTED_OVER: _l("An attempt was stopped to start again."),
    EventType.LATE_RESULT: _l("The bank answered too late for an attempt. The answer changed nothing."),
    EventType.ACTIVATED: _l("The service became active."),
    EventType.REFUSED_IN_APP: _l("The request was refused in the bank's app."),
    EventType.CANCELLED: _l("The request was cancelled."),
    EventType.REVOKED: _l("The service was stopped."),
    EventType.EXPIRED: _l("The invitation expired."),
    EventType.MAIL_SENT: _l("An email was sent."),
    EventType.MAIL_DEAD: _l("An email could not be delivered."),
    EventType.MAIL_DROPPED: _l("An email was no longer needed and was not sent."),
    EventType.ADDRESS_ERASED: _l("The cardholder's address was deleted."),
}

MAILS: Mapping[MailKind, LazyString] = {
    MailKind.INVITATION: _l("Invitation"),
    MailKind.INSTRUCTIONS: _l("Invitation with the steps in the bank's app"),
    MailKind.FIRST_REMINDER: _l("First reminder"),
    MailKind.SECOND_REMINDER: _l("Second reminder"),
    MailKind.THIRD_REMINDER: _l("Third reminder"),
    MailKind.CONFIRMATION: _l("Confirmation"),
    MailKind.PROBLEM: _l("Notice of a problem"),
    MailKind.INVITATION_UNDELIVERED: _l("Notice of an invitation that could not be delivered"),
    MailKind.CONFIRMATION_UNDELIVERED: _l("Notice of a confirmation that could not be delivered"),
    MailKind.SIGN_IN: _l("Sign-in link"),
}

#: Who acts besides the accountants, who are named by their addresses.
ACTORS: Mapping[str, LazyString] = {
    "cardholder": _l("The cardholder"),
    "bank": _l("The bank"),
    "worker": _l("The service, automatically"),
}
OPERATOR = _l("The operator of the service")
