"""The mails to the accountant: what went wrong for the cardholder, and what helps."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.domain.banks import ActivationRoute
from app.domain.cards import CardBrand
from app.domain.failures import CATALOGUE
from app.i18n import _, format_date, format_time, override_locale
from app.mail.contents.blocks import Block, Details, Heading, Link, Paragraph, Points, Quote, RenderedMail
from app.mail.contents.facts import MailValues
from app.mail.mail_context import LastRefusal
from app.wording import ADVICE, HEADINGS, NUMBERS, UNDER


def problem(facts: MailValues) -> RenderedMail:
    """Tell of a refusal: of a card, or of the request itself in the bank's app."""
    if facts.refusal is not None:
        return _card_refused(facts, facts.refusal)
    if facts.letter.refused_at is not None:
        return _request_refused(facts, facts.letter.refused_at)
    raise LookupError("there is no refusal to tell")


def invitation_undelivered(facts: MailValues) -> RenderedMail:
    """Tell that the cardholder was not reached, and how that is mended."""
    return _notice(
        facts,
        _(
            "The email for reference %(reference)s could not be delivered (dossier %(code)s)",
            **facts.subject_names,
        ),
        _("We could not deliver our email to the cardholder of this client reference."),
        _about(facts),
        Heading(_("What you can do")),
        Points(_REMEDIES[facts.letter.bank.route](facts)),
        Paragraph(_("The cardholder can activate CARO until %(date)s.", date=facts.last_day)),
    )


def confirmation_undelivered(facts: MailValues) -> RenderedMail:
    """Tell that the service is active, and ask to pass on what the cardholder did not receive."""
    return _notice(
        facts,
        _(
            "The confirmation for reference %(reference)s could not be delivered (dossier %(code)s)",
            **facts.subject_names,
        ),
        _(
            "The service is active, but our confirmation did not reach the cardholder, whose email address "
            "has been deleted from our database."
        ),
        _about(facts, (_("Active since"), facts.active_since)),
        Heading(_("What the cardholder should know")),
        Points(
            (
                _("CARO is active and nothing was charged."),
                _("Your office receives the statements, the first in %(month)s.", month=facts.first_month),
                _("To stop the service, the cardholder contacts your office."),
                _("The conditions are at the address below."),
            )
        ),
        Link(_("The conditions of CARO:"), facts.terms_url),
    )


def _card_refused(facts: MailValues, refusal: LastRefusal) -> RenderedMail:
    advice = ADVICE[refusal.failure]
    return _notice(
        facts,
        _("The activation for reference %(reference)s failed (dossier %(code)s)", **facts.subject_names),
        _("The cardholder tried to activate CARO for this client reference, but the activation failed."),
        _about(facts, (_("Card"), _card(refusal)), (_("When"), _moment(refusal.at))),
        Heading(_("What the cardholder read")),
        _quote(facts, refusal),
        Heading(_("The most likely cause")),
        Paragraph(str(advice.cause)),
        Heading(_("What to tell the cardholder")),
        Paragraph(str(advice.remedy)),
        Heading(_("What happens next")),
        Points(_while_the_link_works(facts)),
    )


def _request_refused(facts: MailValues, refused_at: datetime) -> RenderedMail:
    return _notice(
        facts,
        _(
            "The cardholder refused the request for reference %(reference)s (dossier %(code)s)",
            **facts.subject_names,
        ),
        _("The cardholder refused the CARO request in the %(bank)s app.", bank=facts.bank_name),
        _about(facts, (_("When"), _moment(refused_at))),
        Heading(_("What you can do")),
        Paragraph(
            _(
                "Ask the cardholder why. If it was a mistake, send the invitation again: the request then "
                "appears in the app again."
            )
        ),
    )


def _notice(facts: MailValues, subject: str, opening: str, *blocks: Block) -> RenderedMail:
    preview = _("Dossier %(code)s, %(name)s", **facts.dossier_title)
    return RenderedMail(subject, preview, (Paragraph(_("Hello,")), Paragraph(opening), *blocks))


def _about(facts: MailValues, *rows: tuple[str, str]) -> Details:
    return Details(
        (
            (_("Dossier"), "{code} – {name}".format(**facts.dossier_title)),
            (_("Client reference"), facts.grouped_reference),
            (_("Bank"), facts.bank_name),
            *rows,
        )
    )


def _card(refusal: LastRefusal) -> str:
    brand = "" if refusal.brand == CardBrand.OTHER else refusal.brand
    return f"{brand} •••• {refusal.last_four}".strip()


def _moment(instant: datetime) -> str:
    return _("%(day)s at %(time)s", day=format_date(instant), time=format_time(instant))


def _while_the_link_works(facts: MailValues) -> tuple[str, ...]:
    return (
        _("The activation link still works until %(date)s: no new email is needed.", date=facts.last_day),
        _(
            "After %(count)s refusals within 24 hours, the page for the card details closes for a while. To "
            "open it straight away, send the invitation again.",
            count=NUMBERS[facts.caps.refusals_a_day],
        ),
    )


def _quote(facts: MailValues, refusal: LastRefusal) -> Quote:
    """Return the message as it stood on the page: in its language, the reference in bare digits."""
    message = CATALOGUE[refusal.failure].message
    with override_locale(refusal.language):
        heading = str(HEADINGS[message]) % {"reference": facts.letter.client_reference}
        under = UNDER[message]
        lines = (heading,) if under is None else (heading, str(under))
    return Quote(lines, refusal.language)


_REMEDIES: Mapping[ActivationRoute, Callable[[MailValues], tuple[str, ...]]] = {
    ActivationRoute.LINK: lambda facts: (
        _(
            "Check the email address with the cardholder and correct it: a new invitation is sent straight "
            "away, and the old link stops working."
        ),
        _("Or copy the activation link and send it to the cardholder yourself."),
    ),
    ActivationRoute.BANK_APP: lambda facts: (
        _(
            "Check the email address with the cardholder and correct it: the steps are sent again straight "
            "away."
        ),
        _(
            "Or tell the cardholder yourself that the request is waiting in the %(bank)s app.",
            bank=facts.bank_name,
        ),
    ),
}
