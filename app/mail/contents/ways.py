"""The two ways to activate, as mails explain them: by our link, or in the bank's own app."""

from collections.abc import Callable, Mapping

from app.domain.banks import ActivationRoute
from app.i18n import _
from app.mail.contents.blocks import Block, Button, Heading, Paragraph, Points, SmallPrint, Steps
from app.mail.contents.facts import MailValues


def way_on(facts: MailValues) -> tuple[Block, ...]:
    """Return how this cardholder activates: the link, or the steps in the app."""
    return _WAYS[facts.letter.bank.route](facts)


def is_it_genuine(facts: MailValues) -> tuple[Block, ...]:
    """Return how the reader can tell this mail from one that only looks like it."""
    return (
        Heading(_("Is this email genuine?")),
        Points(
            (
                _(
                    "The client reference %(reference)s is the one on your own credit card statement.",
                    reference=facts.grouped_reference,
                ),
                _(
                    "%(office)s can confirm by phone that this is its request: call the number that you "
                    "already know.",
                    office=facts.office_name,
                ),
                _SIGNS[facts.letter.bank.route](facts),
                _("We never ask for your PIN: not by email, not by phone, not on our pages."),
            )
        ),
    )


def whom_to_ask(facts: MailValues) -> SmallPrint:
    """Return who helps."""
    return SmallPrint(
        _(
            "Questions? Your accounting office %(office)s will help you: %(contact)s",
            office=facts.office_name,
            contact=facts.contact_address,
        )
    )


def _by_link(facts: MailValues) -> tuple[Block, ...]:
    return (
        Button(_("Activate CARO"), facts.activation_url),
        Paragraph(
            _(
                "The link is valid until %(date)s. You can come back to it later or on another device.",
                date=facts.last_day,
            )
        ),
    )


def _in_app(facts: MailValues) -> tuple[Block, ...]:
    return (
        Paragraph(
            _(
                "With %(bank)s you activate the service in your own bank app: this email contains no link, "
                "on purpose.",
                bank=facts.bank_name,
            )
        ),
        Steps(
            (
                _("Open the %(bank)s app and sign in.", bank=facts.bank_name),
                _(
                    "Find the request from CodaBox CARO for client reference %(reference)s.",
                    reference=facts.grouped_reference,
                ),
                _("Read it and confirm it. Nothing is charged."),
            )
        ),
        Paragraph(_("You can do this until %(date)s.", date=facts.last_day)),
    )


_WAYS: Mapping[ActivationRoute, Callable[[MailValues], tuple[Block, ...]]] = {
    ActivationRoute.LINK: _by_link,
    ActivationRoute.BANK_APP: _in_app,
}

_SIGNS: Mapping[ActivationRoute, Callable[[MailValues], str]] = {
    ActivationRoute.LINK: lambda facts: _("The link begins with %(address)s", address=f"{facts.public_url}/"),
    ActivationRoute.BANK_APP: lambda facts: _(
        "The request is in the %(bank)s app that you already have. You do not need to install anything.",
        bank=facts.bank_name,
    ),
}
