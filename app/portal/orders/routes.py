"""Order CARO: bank, fields, review, order; and the announcement to copy."""

from dataclasses import dataclass
from textwrap import wrap
from urllib.parse import quote

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.banks import APP_BANKS, BANKS
from app.domain.history import MailKind
from app.domain.order_rules import ORDER_FIELDS, ActionRefused, OrderProblem, usual_iban
from app.i18n import LANGUAGES, _
from app.mail.rendering import ANNOUNCEMENT, MailFormat, plain_spaces
from app.portal.dossiers.routes import activation_url, existing_url
from app.portal.forms import AnnouncementForm, OrderForm, hide_card_number, selected_bank
from app.portal.preview.sample_mails import MailSubject, render_sample, sample_context
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.services.orders import OrderOptions
from app.web.notices import NoticeKind, flash_notice
from app.wording import ANY_APP_BANK

Answer = Response | str | tuple[str, int]

#: The banks that carry CARO, by name.
CARRIED = tuple(bank.name for bank in BANKS.values())

bp = portal_blueprint("orders", "/dossiers/<int:dossier_id>")


@bp.get("/order")
def show_order_form(dossier_id: int) -> Answer:
    """Ask for the bank, and once it is chosen for what it needs."""
    offer = find_order_options(dossier_id)
    bank = selected_bank(offer)
    usual = {
        "bank": bank,
        "iban": format_iban(usual_iban(bank, [a.iban for a in offer.accounts if a.bank == bank])),
        "language": current_accountant().order_language,
    }
    form = OrderForm(offer, data=usual)
    wrong = offer.banks and form.bank.data and not form.bank.validate(form)
    return _render_form(offer, form), 422 if wrong else 200


@bp.post("/order")
def submit_order(dossier_id: int) -> Answer:
    """Go the step that the button names; whatever is wrong leads back to the form."""
    offer = find_order_options(dossier_id)
    form, step = OrderForm(offer), request.form.get("step")
    if step == "change":
        return _render_form(offer, form)
    if not offer.banks:
        return redirect(url_for(".show_order_form", dossier_id=dossier_id), 303)
    if not form.validate():
        return _render_form(offer, form), 422
    try:
        return _place_order(offer, form) if step == "order" else _show_review(offer, form)
    except ActionRefused as refused:
        return _refusal_page(offer, form, refused)


def find_order_options(dossier_id: int) -> OrderOptions:
    """Return what the visitor can order for a dossier; another office's does not exist."""
    try:
        return office_services().orders.read_order_options(dossier_id)
    except ActionRefused:
        abort(404)


def account_choices(offer: OrderOptions) -> list[str]:
    """Return the dossier's accounts that serve a bank's app, in groups as statements print them."""
    return [format_iban(account.iban) for account in offer.accounts if account.bank in APP_BANKS]


def format_iban(iban: str) -> str:
    """Show an IBAN in groups of four."""
    return " ".join(wrap(iban, 4))


def _show_review(offer: OrderOptions, form: OrderForm) -> str:
    """Show everything as it would be kept, and the mail as it would leave; nothing is stored yet."""
    order = office_services().orders.review_order(
        form.to_order_request(offer.dossier_id, current_accountant())
    )
    subject = MailSubject(
        offer.code, offer.name, order.bank, order.client_reference, order.language, order.address
    )
    bank = BANKS[order.bank]
    return render_template(
        "portal/order_review.html",
        offer=offer,
        order=order,
        order_fields=ORDER_FIELDS,
        bank=bank,
        iban=format_iban(order.iban or ""),
        mail=render_sample(sample_context(bank.invitation_kind, subject)),
        draft=draft_announcement(subject),
    )


def _place_order(offer: OrderOptions, form: OrderForm) -> Response:
    order = form.to_order_request(offer.dossier_id, current_accountant())
    try:
        public_id = office_services().orders.place_order(order).public_id
    except ActionRefused as refused:
        if refused.existing is None or not office_services().orders.is_double_click(order, refused.existing):
            raise
        public_id = refused.existing
    flash_notice(NoticeKind.DONE, _("CARO is ordered, and the invitation is on its way."))
    return redirect(activation_url(offer.dossier_id, public_id), 303)


def _refusal_page(offer: OrderOptions, form: OrderForm, refused: ActionRefused) -> Answer:
    if refused.problem in (OrderProblem.NO_DOSSIER, OrderProblem.NO_MANDATE):
        return redirect(url_for(".show_order_form", dossier_id=offer.dossier_id), 303)
    existing = existing_url(refused)
    form.refuse(refused.problem)
    return _render_form(offer, form, existing), 409 if existing else 422


def _render_form(offer: OrderOptions, form: OrderForm, existing: str | None = None) -> str:
    return render_template(
        "portal/order.html",
        offer=offer,
        form=form,
        bank=form.chosen_bank,
        announced_bank=hide_card_number(form.bank.data or "") or None,
        ibans=account_choices(offer),
        any_app_bank=ANY_APP_BANK,
        carried=CARRIED,
        existing=existing,
    )


@dataclass(frozen=True)
class AnnouncementDraft:
    """A mail for the accountant's own program; nothing is sent from here."""

    language: str
    subject: str
    text: str
    mailto: str


@bp.get("/announcement")
def show_announcement(dossier_id: int) -> str | tuple[str, int]:
    """Fill the mail in for a bank and a reference, in every language."""
    offer = find_order_options(dossier_id)
    form = AnnouncementForm(offer)
    is_filled = bool(offer.banks) and "client_reference" in request.args
    drafts = _announcement_drafts(offer, form) if is_filled and form.validate() else []
    page = render_template("portal/announcement.html", offer=offer, form=form, drafts=drafts, carried=CARRIED)
    return (page, 422) if form.errors else page


def draft_announcement(subject: MailSubject, template: str = ANNOUNCEMENT) -> AnnouncementDraft:
    """Write the announcement in the cardholder's language."""
    mail = render_sample(sample_context(MailKind.INVITATION, subject), template=template)
    # People edit this text, and plain spaces behave as they expect.
    title, text = plain_spaces(mail.subject), plain_spaces(mail.body(MailFormat.TEXT))
    return AnnouncementDraft(subject.language, title, text, _mailto_url(subject.address or "", title, text))


def _announcement_drafts(offer: OrderOptions, form: AnnouncementForm) -> list[AnnouncementDraft]:
    bank, reference = form.bank.data, form.client_reference.text
    subjects = (MailSubject(offer.code, offer.name, bank, reference, language) for language in LANGUAGES)
    return [draft_announcement(subject) for subject in subjects]


def _mailto_url(address: str, title: str, text: str) -> str:
    """Return a link that opens the mail in a program (RFC 6068: lines end in CRLF)."""
    body = text.replace("\n", "\r\n")
    return f"mailto:{quote(address, safe='@')}?subject={quote(title, safe='')}&body={quote(body, safe='')}"
