"""The last mail to a cardholder: the service is active, and what holds from now on."""

from app.i18n import _
from app.mail.contents.blocks import Content, Details, Link, Paragraph, SmallPrint
from app.mail.contents.facts import Facts


def confirmation(facts: Facts) -> Content:
    """Confirm the activation, and say farewell to the address."""
    names = {"office": facts.office, "reference": facts.reference}
    return Content(
        _("Your card statements are activated (reference %(reference)s)", **names),
        _("Nothing was charged, and there is nothing more to do."),
        (
            Paragraph(_("Hello,")),
            Paragraph(
                _(
                    "You have activated CARO for client reference %(reference)s. Your accounting office "
                    "%(office)s will receive your credit card statements, the first in %(month)s. "
                    "Nothing was charged.",
                    month=facts.first_month,
                    **names,
                )
            ),
            Details(
                (
                    (_("Active since"), facts.active_since),
                    (_("Client reference"), facts.reference),
                    (_("Accounting office"), facts.office),
                    (_("Bank"), facts.bank),
                )
            ),
            Link(_conditions(facts), facts.terms_url),
            Paragraph(
                _(
                    "Would you like to end this? Tell your accounting office %(office)s: %(contact)s",
                    contact=facts.contact,
                    **names,
                )
            ),
            SmallPrint(_("With this mail your e-mail address is deleted from our database.")),
        ),
    )


def _conditions(facts: Facts) -> str:
    """Name the conditions; who activated in the bank's app has accepted none here."""
    accepted = facts.letter.accepted_terms is not None
    return _("The conditions that you accepted:") if accepted else _("The conditions of CARO:")
