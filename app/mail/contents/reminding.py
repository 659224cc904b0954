"""The mails that repeat an unanswered invitation: shorter, with the same link or the same steps."""

from collections.abc import Callable, Mapping

from app.domain.banks import ActivationRoute
from app.i18n import _
from app.mail.contents.blocks import Block, Paragraph, RenderedMail
from app.mail.contents.facts import MailValues
from app.mail.contents.inviting import preview
from app.mail.contents.ways import is_it_genuine, way_on, whom_to_ask


def first_reminder(facts: MailValues) -> RenderedMail:
    """Remind for the first time."""
    return _reminder(
        facts,
        _(
            "Reminder: %(office)s asks you to activate CARO for your card statements (reference "
            "%(reference)s)",
            **facts.subject_names,
        ),
    )


def second_reminder(facts: MailValues) -> RenderedMail:
    """Remind again; the first may have been left out after an outage, so this one does not count."""
    return _reminder(
        facts,
        _(
            "Still open: %(office)s asks you to activate CARO for your card statements (reference "
            "%(reference)s)",
            **facts.subject_names,
        ),
    )


def third_reminder(facts: MailValues) -> RenderedMail:
    """Remind for the last time, and say so."""
    return _reminder(
        facts,
        _(
            "Last reminder: %(office)s asks you to activate CARO for your card statements (reference "
            "%(reference)s)",
            **facts.subject_names,
        ),
        Paragraph(_("This is the last reminder: there will be no more.")),
    )


def _reminder(facts: MailValues, subject: str, *in_the_end: Block) -> RenderedMail:
    return RenderedMail(
        subject,
        preview(facts),
        (
            Paragraph(_("Hello,")),
            _what_waits(facts),
            *in_the_end,
            *_BEFORE[facts.letter.bank.route](facts),
            *way_on(facts),
            Paragraph(
                _(
                    "If you do nothing, the request expires on that day: nothing is shared, and your email "
                    "address is deleted from our database."
                )
            ),
            *is_it_genuine(facts),
            whom_to_ask(facts),
        ),
    )


def _what_waits(facts: MailValues) -> Paragraph:
    return Paragraph(
        _(
            "On %(date)s your accounting office %(office)s asked for your consent to receive the statements "
            "of your credit card with client reference %(reference)s through CodaBox CARO. We have not "
            "received your answer yet.",
            date=facts.invited_on,
            office=facts.office_name,
            reference=facts.grouped_reference,
        )
    )


def _before_the_link(facts: MailValues) -> tuple[Block, ...]:
    return (
        Paragraph(
            _(
                "It takes two minutes and nothing is charged. You will sign at %(bank)s with your card "
                "reader.",
                bank=facts.bank_name,
            )
        ),
        Paragraph(
            _(
                "Have your credit card and its statement ready. The link is the same one that you received "
                "before."
            )
        ),
    )


_BEFORE: Mapping[ActivationRoute, Callable[[MailValues], tuple[Block, ...]]] = {
    ActivationRoute.LINK: _before_the_link,
    ActivationRoute.BANK_APP: lambda facts: (),
}
