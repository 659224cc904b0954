"""The words that go with a copied link: why the activation is needed, in the cardholder's language."""

from app.accountants import SignedInAccountant
from app.activations import ActivationDetail
from app.domain.identifiers import group_digits
from app.i18n import _, format_date, override_locale


def message(request: ActivationDetail, sender: SignedInAccountant, link: str) -> str:
    """Return a short text for the accountant's own mail."""
    with override_locale(request.language):
        return "\n\n".join(
            (
                _("Hello,"),
                _(
                    "We keep your accounts and would like to receive the statements of your credit card "
                    "with client reference %(reference)s directly, so that you no longer have to send them "
                    "to us. The bank shares them only with your consent: that is why we ask you to activate "
                    "CARO, a service of CodaBox.",
                    reference=group_digits(request.client_reference),
                ),
                _("Have your credit card and your card reader ready, open this link and follow the steps:"),
                link,
                _(
                    "The link is valid until %(date)s. Nothing is charged: the amount is 0.00 EUR. It takes "
                    "about two minutes.",
                    date=format_date(request.expires_at),
                ),
                sender.office,
            )
        )
