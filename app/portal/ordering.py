"""A new CARO request: the bank first, then its fields, a look at everything, and the order."""

from collections.abc import Callable, Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.activations import ActionRefused, OrderOptions, OrderProblem
from app.domain.banks import APP_BANKS, BANKS
from app.i18n import _
from app.portal import order_form
from app.portal.door import current_accountant, office_services, portal_blueprint
from app.portal.letters import MailSubject, render_sample, sample_context
from app.portal.warning import draft_announcement

Answer = Response | str | tuple[str, int]

ordering = portal_blueprint("ordering", "/dossiers/<int:dossier_id>/order")


@ordering.get("")
def show_order_form(dossier_id: int) -> Answer:
    """Ask for the bank, and once it is chosen for what it needs."""
    offer = order_form.find_order_options(dossier_id)
    fields = {"bank": order_form.selected_bank(offer), "language": current_accountant().language}
    ibans = order_form.account_choices(offer)
    if len(ibans) == 1:
        fields[order_form.IBAN] = ibans[0]
    if offer.banks and fields["bank"] and fields["bank"] not in order_form.bank_choices(offer):
        return _refusal_page(offer, fields, ActionRefused(OrderProblem.BANK_NOT_OFFERED))
    return _render_form(offer, fields)


@ordering.post("")
def submit_order(dossier_id: int) -> Answer:
    """Go the step that the button names; whatever is wrong leads back to the form."""
    offer = order_form.find_order_options(dossier_id)
    fields = order_form.typed(request.form)
    step = _STEPS.get(request.form.get("step", ""), _show_review)
    try:
        return step(offer, fields)
    except ActionRefused as refused:
        return _refusal_page(offer, fields, refused)


def _show_review(offer: OrderOptions, fields: Mapping[str, str]) -> str:
    """Show everything as it would be kept, and the mail as it would leave; nothing is stored yet."""
    order = office_services().review_order(order_form.to_order_request(offer, fields))
    subject = MailSubject(
        offer.code, offer.name, order.bank, order.client_reference, order.language, order.address
    )
    bank = BANKS[order.bank]
    return render_template(
        "portal/order_review.html",
        offer=offer,
        order=order,
        bank=bank,
        iban=order_form.format_iban(order.iban or ""),
        fields={name: getattr(order, name) for name in fields},
        mail=render_sample(sample_context(bank.invitation_kind, subject)),
        draft=draft_announcement(subject),
    )


def _show_form_again(offer: OrderOptions, fields: Mapping[str, str]) -> str:
    return _render_form(offer, fields)


def _place_order(offer: OrderOptions, fields: Mapping[str, str]) -> Response:
    order = order_form.to_order_request(offer, fields)
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
    page = _render_form(offer, fields, order_form.errors(refused), existing)
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
        bank=BANKS[fields["bank"]] if fields["bank"] in order_form.bank_choices(offer) else None,
        ibans=order_form.account_choices(offer),
        bank_names=order_form.bank_choices(offer),
        app_banks=APP_BANKS,
        carried=order_form.CARRIED,
        typed=order_form.hide_card_numbers(fields),
        errors=errors or {},
        existing=existing,
    )


def _activation_url(dossier_id: int, public_id: str) -> str:
    """Return where a request stands on its dossier's page."""
    return url_for("manage.show_dossier", dossier_id=dossier_id, _anchor=f"request-{public_id}")
