"""A new CARO request: the bank first, then its fields, a look at everything, and the order."""

from collections.abc import Callable, Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.activations import ActionRefused, OrderOptions, OrderProblem
from app.domain.banks import APP_BANKS, BANKS
from app.i18n import _
from app.portal import order_form
from app.portal.door import activations, room, visitor
from app.portal.letters import Subject, by_hand, show
from app.portal.warning import draft

Answer = Response | str | tuple[str, int]

ordering = room("ordering", "/dossiers/<int:dossier_id>/order")


@ordering.get("")
def ask(dossier_id: int) -> Answer:
    """Ask for the bank, and once it is chosen for what it needs."""
    offer = order_form.offer_of(dossier_id)
    fields = {"bank": order_form.chosen_bank(offer), "language": visitor().language}
    ibans = order_form.offered_ibans(offer)
    if len(ibans) == 1:
        fields[order_form.IBAN] = ibans[0]
    if offer.banks and fields["bank"] and fields["bank"] not in order_form.bank_names(offer):
        return _refused(offer, fields, ActionRefused(OrderProblem.BANK_NOT_OFFERED))
    return _form(offer, fields)


@ordering.post("")
def submit(dossier_id: int) -> Answer:
    """Go the step that the button names; whatever is wrong leads back to the form."""
    offer = order_form.offer_of(dossier_id)
    fields = order_form.typed(request.form)
    step = _STEPS.get(request.form.get("step", ""), _review)
    try:
        return step(offer, fields)
    except ActionRefused as refused:
        return _refused(offer, fields, refused)


def _review(offer: OrderOptions, fields: Mapping[str, str]) -> str:
    """Show everything as it would be kept, and the mail as it would leave; nothing is stored yet."""
    order = activations().review_order(order_form.wish(offer, fields))
    subject = Subject(
        offer.code, offer.name, order.bank, order.client_reference, order.language, order.address
    )
    bank = BANKS[order.bank]
    return render_template(
        "portal/order_review.html",
        offer=offer,
        order=order,
        bank=bank,
        iban=order_form.printed_iban(order.iban or ""),
        fields={name: getattr(order, name) for name in fields},
        mail=show(by_hand(bank.invitation_kind, subject)),
        draft=draft(subject),
    )


def _change(offer: OrderOptions, fields: Mapping[str, str]) -> str:
    return _form(offer, fields)


def _place(offer: OrderOptions, fields: Mapping[str, str]) -> Response:
    order = order_form.wish(offer, fields)
    try:
        public_id = activations().place_order(order).public_id
    except ActionRefused as refused:
        if refused.existing is None or not activations().is_double_click(order, refused.existing):
            raise
        public_id = refused.existing
    flash(_("CARO is ordered, and the invitation is on its way."))
    return redirect(_where(offer.dossier_id, public_id), 303)


_STEPS: Mapping[str, Callable[[OrderOptions, Mapping[str, str]], Answer]] = {
    "review": _review,
    "change": _change,
    "order": _place,
}


def _refused(offer: OrderOptions, fields: Mapping[str, str], refused: ActionRefused) -> Answer:
    if refused.problem in (OrderProblem.NO_DOSSIER, OrderProblem.NO_MANDATE):
        return redirect(url_for(".ask", dossier_id=offer.dossier_id), 303)
    existing = refused.existing and _where(activations().find_dossier_id(refused.existing), refused.existing)
    page = _form(offer, fields, order_form.errors(refused), existing)
    return page, 409 if existing else 422


def _form(
    offer: OrderOptions,
    fields: Mapping[str, str],
    errors: Mapping[str, list[str]] | None = None,
    existing: str | None = None,
) -> str:
    return render_template(
        "portal/order.html",
        offer=offer,
        bank=BANKS[fields["bank"]] if fields["bank"] in order_form.bank_names(offer) else None,
        ibans=order_form.offered_ibans(offer),
        bank_names=order_form.bank_names(offer),
        app_banks=APP_BANKS,
        carried=order_form.CARRIED,
        typed=order_form.shown(fields),
        errors=errors or {},
        existing=existing,
    )


def _where(dossier_id: int, public_id: str) -> str:
    """Return where a request stands on its dossier's page."""
    return url_for("manage.dossier", dossier_id=dossier_id, _anchor=f"request-{public_id}")
