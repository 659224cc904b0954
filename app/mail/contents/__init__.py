"""What each kind of mail about an activation says: one function a kind, in the language that is spoken."""

from collections.abc import Callable, Mapping

from app.domain.history import MailKind
from app.mail.contents.blocks import RenderedMail
from app.mail.contents.confirming import confirmation
from app.mail.contents.facts import MailValues
from app.mail.contents.inviting import instructions, invitation
from app.mail.contents.notifying import confirmation_undelivered, invitation_undelivered, problem
from app.mail.contents.reminding import first_reminder, second_reminder, third_reminder

CONTENTS: Mapping[MailKind, Callable[[MailValues], RenderedMail]] = {
    MailKind.INVITATION: invitation,
    MailKind.INSTRUCTIONS: instructions,
    MailKind.FIRST_REMINDER: first_reminder,
    MailKind.SECOND_REMINDER: second_reminder,
    MailKind.THIRD_REMINDER: third_reminder,
    MailKind.CONFIRMATION: confirmation,
    MailKind.PROBLEM: problem,
    MailKind.INVITATION_UNDELIVERED: invitation_undelivered,
    MailKind.CONFIRMATION_UNDELIVERED: confirmation_undelivered,
}
