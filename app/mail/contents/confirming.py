"""The last mail to a cardholder: the service is active, and what holds from now on."""

from app.i18n import _
from app.mail.contents.blocks import Details, Link, Paragraph, RenderedMail, SmallPrint
from app.mail.contents.facts import MailValues


def confirmation(facts: MailValues) -> RenderedMail:
    """Confirm the activation, and say farewell to the address."""
    return RenderedMail(
        _("CARO is active for your card statements (reference %(reference)s)", **facts.subject_names),
        _("Nothing was charged. You do not need to do anything else."),
        (
            Paragraph(_("Hello,")),
            _what_is_active(facts),
            _record(facts),
            Link(_conditions(facts), facts.terms_url),
            _way_out(facts),
            SmallPrint(_("Once this email has been sent, your email address is deleted from our database.")),
        ),
    )


def _what_is_active(facts: MailValues) -> Paragraph:
    return Paragraph(
        _(
            "You have activated CARO for client reference %(reference)s. Your accounting office %(office)s "
            "will receive your credit card statements, the first in %(month)s. Nothing was charged.",
            reference=facts.grouped_reference,
            office=facts.office_name,
            month=facts.first_month,
        )
    )


def _record(facts: MailValues) -> Details:
    return Details(
        (
            (_("Active since"), facts.active_since),
            (_("Client reference"), facts.grouped_reference),
            (_("Accounting office"), facts.office_name),
            (_("Bank"), facts.bank_name),
        )
    )


def _conditions(facts: MailValues) -> str:
    """Name the conditions; who activated in the bank's app has accepted none here."""
    accepted = facts.letter.accepted_terms is not None
    return _("The conditions that you accepted:") if accepted else _("The conditions of CARO:")


def _way_out(facts: MailValues) -> Paragraph:
    return Paragraph(
        _(
            "Do you want to stop the service? Contact your accounting office %(office)s: %(contact)s",
            office=facts.office_name,
            contact=facts.contact_address,
        )
    )
