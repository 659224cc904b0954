"""The first mail to a cardholder: who asks, for what, why, and how to answer."""

from app.i18n import _
from app.mail.contents.blocks import Block, Heading, Paragraph, Points, RenderedMail, Steps
from app.mail.contents.facts import MailValues
from app.mail.contents.ways import is_it_genuine, way_on, whom_to_ask


def invitation(facts: MailValues) -> RenderedMail:
    """Invite to activate by the link."""
    return _invitation(facts, *_what_it_takes(facts))


def instructions(facts: MailValues) -> RenderedMail:
    """Invite to activate in the bank's own app."""
    return _invitation(facts)


def preview(facts: MailValues) -> str:
    """Return what the inbox shows of every mail that asks to activate."""
    return _("You can activate CARO until %(date)s. Nothing is charged.", date=facts.last_day)


def _invitation(facts: MailValues, *what_it_takes: Block) -> RenderedMail:
    return RenderedMail(
        _(
            "%(office)s asks you to activate CARO for your card statements (reference %(reference)s)",
            **facts.subject_names,
        ),
        preview(facts),
        (
            Paragraph(_("Hello,")),
            Paragraph(
                _(
                    "Your accounting office %(office)s has asked to receive the statements of your credit "
                    "card with client reference %(reference)s through CARO. This needs your consent.",
                    office=facts.office_name,
                    reference=facts.grouped_reference,
                )
            ),
            _why(),
            *what_it_takes,
            *way_on(facts),
            *is_it_genuine(facts),
            whom_to_ask(facts),
        ),
    )


def _why() -> Paragraph:
    return Paragraph(
        _(
            "CARO is a service of CodaBox: it sends your monthly statements straight to your accounting "
            "office, so that you no longer have to."
        )
    )


def _what_it_takes(facts: MailValues) -> tuple[Block, ...]:
    return (
        Heading(_("What you need")),
        Points(
            (
                _("Your credit card statement: your client reference is on it."),
                _("The credit card itself, not a debit card."),
                _("Your %(bank)s card reader.", bank=facts.bank_name),
            )
        ),
        Heading(_("How it works")),
        Steps(
            (
                _("You confirm the reference and accept the conditions."),
                _("You enter your card details."),
                _("You sign with your card reader on the secure page of %(bank)s.", bank=facts.bank_name),
                _("We confirm that everything works."),
            )
        ),
        Paragraph(_("Nothing is charged: the amount is 0.00 EUR. It takes about two minutes.")),
    )
