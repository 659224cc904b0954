"""Order CARO: bank, fields, review, order; and the announcement to copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.banks import APP_BANKS, BANKS
from app.domain.history import MailKind
from app.domain.order_rules import ActionRefused, OrderProblem, parse_order_reference
from app.i18n import LANGUAGES, _
from app.mail.rendering import ANNOUNCEMENT, MailFormat, plain_spaces
from app.portal import forms
from app.portal.preview.sample_mails import MailSubject, render_sample, sample_context
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.services.orders import OrderOptions

Answer = Response | str | tuple[str, int]

ordering = portal_blueprint("ordering", "/dossiers/<int:dossier_id>/order")


@ordering.get("")
def show_order_form(dossier_id: int) -> Answer:
    """Ask for the bank, and once it is chosen for what it needs."""
    offer = forms.find_order_options(dossier_id)
    fields = {"bank": forms.selected_bank(offer), "language": current_accountant().language}
    ibans = forms.account_choices(offer)
    if len(ibans) == 1:
        fields[forms.IBAN] = ibans[0]
    if offer.banks and fields["bank"] and fields["bank"] not in forms.bank_choices(offer):
        return _refusal_page(offer, fields, ActionRefused(OrderProblem.BANK_NOT_OFFERED))
    return _render_form(offer, fields)


@ordering.post("")
def submit_order(dossier_id: int) -> Answer:
    """Go the step that the button names; whatever is wrong leads back to the form."""
    offer = forms.find_order_options(dossier_id)
    fields = forms.typed(request.form)
    step = _STEPS.get(request.form.get("step", ""), _show_review)
    try:
        return step(offer, fields)
    except ActionRefused as refused:
        return _refusal_page(offer, fields, refused)


def _show_review(offer: OrderOptions, fields: Mapping[str, str]) -> str:
    """Show everything as it would be kept, and the mail as it would leave; nothing is stored yet."""
    order = office_services().review_order(forms.to_order_request(offer, fields))
    subject = MailSubject(
        offer.code, offer.name, order.bank, order.client_reference, order.language, order.address
    )
    bank = BANKS[order.bank]
    return render_template(
        "portal/order_review.html",
        offer=offer,
        order=order,
        bank=bank,
        iban=forms.format_iban(order.iban or ""),
        fields={name: getattr(order, name) for name in fields},
        mail=render_sample(sample_context(bank.invitation_kind, subject)),
        draft=draft_announcement(subject),
    )


def _show_form_again(offer: OrderOptions, fields: Mapping[str, str]) -> str:
    return _render_form(offer, fields)


def _place_order(offer: OrderOptions, fields: Mapping[str, str]) -> Response:
    order = forms.to_order_request(offer, fields)
    try:
        public_id = office_services().place_order(order).public_id
    except ActionRefused as refused:
        if refused.existing is None or not office_services().is_double_click(order, refused.existing):
            raise
        public_id = refused.existing
    flash(_("CARO is ordered, and the invitation is on its way."))
    return redirect(_activation_url(offer.dossier_id, public_id), 303)


_STEPS: Mapping[str, Callable[[OrderOptions, Mapping[str, str]], Answer]] = {
    "review": _show_review,
    "change": _show_form_again,
    "order": _place_order,
}


def _refusal_page(offer: OrderOptions, fields: Mapping[str, str], refused: ActionRefused) -> Answer:
    if refused.problem in (OrderProblem.NO_DOSSIER, OrderProblem.NO_MANDATE):
        return redirect(url_for(".show_order_form", dossier_id=offer.dossier_id), 303)
    existing = refused.existing and _activation_url(
        office_services().find_dossier_id(refused.existing), refused.existing
    )
    page = _render_form(offer, fields, forms.errors(refused), existing)
    return page, 409 if existing else 422


def _render_form(
    offer: OrderOptions,
    fields: Mapping[str, str],
    errors: Mapping[str, list[str]] | None = None,
    existing: str | None = None,
) -> str:
    return render_template(
        "portal/order.html",
        offer=offer,
        bank=BANKS[fields["bank"]] if fields["bank"] in forms.bank_choices(offer) else None,
        ibans=forms.account_choices(offer),
        bank_names=forms.bank_choices(offer),
        app_banks=APP_BANKS,
        carried=forms.CARRIED,
        typed=forms.hide_card_numbers(fields),
        errors=errors or {},
        existing=existing,
    )


def _activation_url(dossier_id: int, public_id: str) -> str:
    """Return where a request stands on its dossier's page."""
    return url_for("manage.show_dossier", dossier_id=dossier_id, _anchor=f"request-{public_id}")


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
    offer = forms.find_order_options(dossier_id)
    typed = {
        "bank": forms.selected_bank(offer),
        "client_reference": request.args.get("client_reference", ""),
    }
    asked = bool(offer.banks) and "client_reference" in request.args
    errors = _errors(offer, typed) if asked else {}
    drafts = _announcement_drafts(offer, typed) if asked and not errors else []
    page = render_template(
        "portal/warning.html",
        offer=offer,
        bank_names=forms.bank_choices(offer),
        typed=forms.hide_card_numbers(typed),
        errors=errors,
        drafts=drafts,
        carried=forms.CARRIED,
    )
    return (page, 422) if errors else page


def draft_announcement(subject: MailSubject) -> AnnouncementDraft:
    """Write the announcement in the cardholder's language."""
    mail = render_sample(sample_context(MailKind.INVITATION, subject), template=ANNOUNCEMENT)
    # People edit this text, and plain spaces behave as they expect.
    title, text = plain_spaces(mail.subject), plain_spaces(mail.body(MailFormat.TEXT))
    return AnnouncementDraft(subject.language, title, text, _mailto_url(subject.address or "", title, text))


def _announcement_drafts(offer: OrderOptions, typed: Mapping[str, str]) -> list[AnnouncementDraft]:
    reference = parse_order_reference(typed["client_reference"])
    subjects = (
        MailSubject(offer.code, offer.name, typed["bank"], reference, language) for language in LANGUAGES
    )
    return [draft_announcement(subject) for subject in subjects]


def _errors(offer: OrderOptions, typed: Mapping[str, str]) -> dict[str, list[str]]:
    faults: dict[str, OrderProblem] = {}
    if typed["bank"] not in forms.bank_choices(offer):
        faults["bank"] = OrderProblem.BANK_NOT_OFFERED
    try:
        parse_order_reference(typed["client_reference"])
    except ActionRefused as refused:
        faults["client_reference"] = refused.problem
    return {name: [str(forms.SENTENCES[problem])] for name, problem in faults.items()}


def _mailto_url(address: str, title: str, text: str) -> str:
    """Return a link that opens the mail in a program (RFC 6068: lines end in CRLF)."""
    body = text.replace("\n", "\r\n")
    return f"mailto:{quote(address, safe='@')}?subject={quote(title, safe='')}&body={quote(body, safe='')}"
