"""The mail that warns a cardholder before ordering: to copy, or to open in the accountant's own program."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import quote

from flask import render_template, request

from app.activations import ActionRefused, OrderOptions, OrderProblem, parse_order_reference
from app.domain.history import MailKind
from app.i18n import LANGUAGES, override_locale
from app.mail.contents.warning import warning
from app.portal import order_form
from app.portal.door import portal_blueprint
from app.portal.letters import MailSubject, sample_context, sample_values
from app.web.extensions import services

warnings = portal_blueprint("warning", "/dossiers/<int:dossier_id>/warning")


@dataclass(frozen=True)
class AnnouncementDraft:
    """A mail for the accountant's own program; nothing is sent from here."""

    language: str
    subject: str
    text: str
    mailto: str


@warnings.get("")
def show_announcement(dossier_id: int) -> str | tuple[str, int]:
    """Fill the mail in for a bank and a reference, in every language."""
    offer = order_form.find_order_options(dossier_id)
    typed = {
        "bank": order_form.selected_bank(offer),
        "client_reference": request.args.get("client_reference", ""),
    }
    asked = bool(offer.banks) and "client_reference" in request.args
    errors = _errors(offer, typed) if asked else {}
    drafts = _announcement_drafts(offer, typed) if asked and not errors else []
    page = render_template(
        "portal/warning.html",
        offer=offer,
        bank_names=order_form.bank_choices(offer),
        typed=order_form.hide_card_numbers(typed),
        errors=errors,
        drafts=drafts,
        carried=order_form.CARRIED,
    )
    return (page, 422) if errors else page


def draft_announcement(subject: MailSubject) -> AnnouncementDraft:
    """Write the warning in the cardholder's language."""
    facts = sample_values(sample_context(MailKind.INVITATION, subject))
    with override_locale(subject.language):
        content = warning(facts, parseaddr(services().settings.mail_sender)[1])
        # People edit this text, and plain spaces behave as they expect.
        text = render_template("email/mail.txt", content=content).replace("\u00a0", " ")
    mailto = _mailto_url(subject.address or "", content.plain_subject, text)
    return AnnouncementDraft(subject.language, content.plain_subject, text, mailto)


def _announcement_drafts(offer: OrderOptions, typed: Mapping[str, str]) -> list[AnnouncementDraft]:
    reference = parse_order_reference(typed["client_reference"])
    subjects = (
        MailSubject(offer.code, offer.name, typed["bank"], reference, language) for language in LANGUAGES
    )
    return [draft_announcement(subject) for subject in subjects]


def _errors(offer: OrderOptions, typed: Mapping[str, str]) -> dict[str, list[str]]:
    faults: dict[str, OrderProblem] = {}
    if typed["bank"] not in order_form.bank_choices(offer):
        faults["bank"] = OrderProblem.BANK_NOT_OFFERED
    try:
        parse_order_reference(typed["client_reference"])
    except ActionRefused as refused:
        faults["client_reference"] = refused.problem
    return {name: [str(order_form.SENTENCES[problem])] for name, problem in faults.items()}


def _mailto_url(address: str, title: str, text: str) -> str:
    """Return a link that opens the mail in a program (RFC 6068: lines end in CRLF)."""
    body = text.replace("\n", "\r\n")
    return f"mailto:{quote(address, safe='@')}?subject={quote(title, safe='')}&body={quote(body, safe='')}"
