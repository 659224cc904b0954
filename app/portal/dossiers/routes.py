"""One dossier: its activations, what can be done with each, the link to copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.identifiers import group_digits
from app.domain.order_rules import ActionRefused, OrderProblem
from app.i18n import _, _l, format_date, format_last_day, override_locale
from app.mail.rendering import plain_spaces
from app.portal.dossiers import timeline
from app.portal.dossiers.actions import RULES, STILL_WAITING, offered_actions, why_unavailable
from app.portal.forms import ActionForm
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.queries.activation_detail import ActivationDetail
from app.queries.dossier_detail import DossierDetail, read_dossier
from app.queries.list_branches import URGENCY
from app.services.invitations import ActionCommand, ActionOutcome, ActivationAction, perform_action
from app.services.sign_in import SignedInAccountant
from app.tokens import LinkClaims
from app.web.extensions import services
from app.web.failure_pages import opens_at_sentence
from app.web.notices import NoticeKind, flash_notice
from app.wording import LABELS, MAILS

bp = portal_blueprint("dossiers")

_CHANGED = _l(
    "This request has changed since you opened the page, so nothing was done. This page now shows the "
    "request as it is."
)


@dataclass(frozen=True)
class _RefusalReply:
    """How a refusal is answered; without a sentence of its own the obstacle tells it."""

    status: int
    say: Callable[[ActivationDetail], str] | None = None


_REFUSALS: Mapping[OrderProblem, _RefusalReply] = {
    OrderProblem.CHANGED_MEANWHILE: _RefusalReply(409, lambda _activation: str(_CHANGED)),
    OrderProblem.NOT_IN_THIS_STATE: _RefusalReply(409),
    OrderProblem.NO_ADDRESS: _RefusalReply(409),
    OrderProblem.NO_LINK: _RefusalReply(409),
    OrderProblem.NO_MANDATE: _RefusalReply(
        409,
        lambda activation: _(
            "This dossier no longer has an active CODA mandate with %(bank)s, so nothing was done. Once the "
            "mandate is active again and has been imported here, relaunch the request.",
            bank=activation.bank.name,
        ),
    ),
    OrderProblem.SENT_TOO_OFTEN: _RefusalReply(429),
    OrderProblem.NO_REMINDER_LEFT: _RefusalReply(409),
    OrderProblem.REMINDED_TOO_SOON: _RefusalReply(429),
    OrderProblem.CORRECTED_TOO_OFTEN: _RefusalReply(429),
    OrderProblem.OFFICE_CORRECTED_TOO_OFTEN: _RefusalReply(
        429, lambda _activation: _("Your office has corrected many addresses within an hour.")
    ),
    OrderProblem.ALREADY_ORDERED: _RefusalReply(
        409, lambda _activation: _("There is another request for this client reference.")
    ),
}


@bp.context_processor
def _template_words() -> dict[str, object]:
    return {
        "labels": LABELS,
        "mails": MAILS,
        "rules": RULES,
        "offered_actions": offered_actions,
        "timeline": timeline,
        "stopped_message": lambda activation: stopped_message(activation, current_accountant()),
    }


@bp.get("/dossiers/<int:dossier_id>")
def show_dossier(dossier_id: int) -> str:
    """Show one dossier with all its requests, one of them unfolded."""
    found = read_dossier(office_services().context, dossier_id)
    return _render_dossier(found, request.args.get("request")) if found else abort(404)


@bp.get("/requests/<public_id>")
def show_activation(public_id: str) -> BaseResponse:
    """Lead to where a request stands on its dossier's page."""
    dossier, _activation = _find_activation(public_id)
    return _redirect_to_activation(dossier, public_id)


@bp.get("/requests/<public_id>/copy")
def show_link(public_id: str) -> str | Response:
    """Show the link, ready to be copied; looking writes nothing."""
    dossier, activation = _find_activation(public_id)
    reason = why_unavailable(ActivationAction.COPY, activation)
    if reason:
        return Response(_render_dossier(dossier, public_id, reason), 409)
    link = services().context.tokens.activation_url(LinkClaims(public_id, activation.generation))
    return render_template(
        "portal/dossier_copy.html",
        dossier=dossier,
        one=activation,
        link=link,
        message=message(activation, current_accountant(), link),
    )


@bp.post("/requests/<public_id>/copy", endpoint="copy")
def ask_for_link(public_id: str) -> BaseResponse:
    """Record that the link is shown, and lead to its page."""
    _find_activation(public_id)
    try:
        office_services().invitations.show_link(public_id, current_accountant().actor)
    except ActionRefused as refused:
        return _refusal_page(ActivationAction.COPY, public_id, refused)
    return redirect(url_for(".show_link", public_id=public_id), 303)


@bp.post("/requests/<public_id>/copied")
def record_copy(public_id: str) -> BaseResponse:
    """Record that the link stands in the clipboard, as the page's script says."""
    _find_activation(public_id)
    try:
        office_services().invitations.copy_link(public_id, current_accountant().actor)
    except ActionRefused as refused:
        return _refusal_page(ActivationAction.COPY, public_id, refused)
    return Response(status=204, mimetype="text/plain")


def confirm_action(public_id: str, action: ActivationAction) -> str | Response:
    """Show what something would bring about, before it is done."""
    dossier, activation = _find_activation(public_id)
    reason = why_unavailable(action, activation)
    if reason:
        return Response(_render_dossier(dossier, public_id, reason), 409)
    return _render_form(action, dossier, activation, _action_form(action, activation))


def act(public_id: str, action: ActivationAction) -> BaseResponse:
    """Do it, once, if the request is still what the accountant saw."""
    dossier, activation = _find_activation(public_id)
    form = _action_form(action, activation)
    if not form.validate():
        return Response(_render_invalid(action, dossier, activation, form), 422)
    command = ActionCommand(
        public_id,
        current_accountant().actor,
        form.seen.data or "",
        address=form.address.text if form.address else "",
        language=form.chosen_language,
    )
    try:
        outcome = perform_action(office_services().invitations, action, command)
    except ActionRefused as refused:
        return _refusal_page(action, public_id, refused)
    if outcome is ActionOutcome.STILL_WAITING:
        flash_notice(NoticeKind.INFORMATION, STILL_WAITING)
    else:
        flash_notice(NoticeKind.DONE, RULES[action].done or "")
    return _redirect_to_activation(dossier, public_id)


for _action in (action for action in RULES if RULES[action].done is not None):
    _path = f"/requests/<public_id>/{_action}"
    bp.add_url_rule(_path, _action, act, methods=["POST"], defaults={"action": _action})
    if RULES[_action].effects:
        bp.add_url_rule(
            _path, f"ask_{_action}", confirm_action, methods=["GET"], defaults={"action": _action}
        )


@bp.app_template_global()
def activation_url(dossier_id: int, public_id: str) -> str:
    """Return where a request stands on its dossier's page, unfolded without script too."""
    # A list asks for fifty; what is filled in is written as in any address.
    return f"{_dossiers_url()}{dossier_id}?request={public_id}#request-{public_id}"


def existing_url(refused: ActionRefused) -> str | None:
    """Return where the request stands that holds the client reference; None where none is in the way."""
    existing = refused.existing
    return existing and activation_url(office_services().orders.find_dossier_id(existing), existing)


@cache
def _dossiers_url() -> str:
    return url_for("dossiers.show_dossier", dossier_id=0).removesuffix("0")


def _redirect_to_activation(dossier: DossierDetail, public_id: str) -> BaseResponse:
    return redirect(activation_url(dossier.id, public_id), 303)


def _find_activation(public_id: str) -> tuple[DossierDetail, ActivationDetail]:
    """Return a request and its dossier; what is another office's does not exist."""
    try:
        dossier_id = office_services().orders.find_dossier_id(public_id)
        dossier = read_dossier(office_services().context, dossier_id)
    except ActionRefused:
        abort(404)
    matches = [detail for detail in dossier.requests if detail.public_id == public_id] if dossier else []
    return (dossier, matches[0]) if dossier and matches else abort(404)


def _refusal_page(action: ActivationAction, public_id: str, refused: ActionRefused) -> Response:
    """Say why nothing was done, on the page where it was wanted, with the data as they are now."""
    dossier, activation = _find_activation(public_id)
    no, hindered = _REFUSALS[refused.problem], why_unavailable(action, activation)
    reason, now = no.say(activation) if no.say else hindered or str(_CHANGED), services().clock()
    if refused.opens_at and no.say:
        reason = f"{reason} {opens_at_sentence(refused.opens_at, now)}"
    if RULES[action].effects and not hindered:
        form = _action_form(action, activation)
        page = _render_form(action, dossier, activation, form, reason, existing_url(refused))
        answer = Response(page, no.status)
    else:
        answer = Response(_render_dossier(dossier, public_id, reason), no.status)
    if refused.opens_at:
        wait = refused.opens_at - now
        answer.headers["Retry-After"] = str(max(1, int(wait.total_seconds())))
    return answer


def _render_dossier(dossier: DossierDetail, public_id: str | None, reason: str | None = None) -> str:
    """Show a dossier, the most urgent request first, and that one or the one that is looked for unfolded."""
    activations = sorted(dossier.requests, key=lambda one: URGENCY.index(one.label))
    looked_for = [one for one in activations if one.public_id == public_id]
    return render_template(
        "portal/dossier.html",
        dossier=dossier,
        activations=activations,
        unfolded=next(iter(looked_for or activations), None),
        reason=reason,
        language_link=_dossier_language_links(dossier, public_id),
    )


def _dossier_language_links(dossier: DossierDetail, public_id: str | None) -> Callable[[str], str]:
    """Lead to the dossier in another language: what answers a form cannot be opened by its address."""
    return lambda language: url_for(".show_dossier", dossier_id=dossier.id, request=public_id, lang=language)


def _action_form(action: ActivationAction, activation: ActivationDetail) -> ActionForm:
    rule = RULES[action]
    return ActionForm(
        asks_address=rule.asks_address,
        asks_language=rule.asks_language,
        data={"language": activation.language},
    )


def _render_invalid(
    action: ActivationAction, dossier: DossierDetail, activation: ActivationDetail, form: ActionForm
) -> str:
    """Show what is wrong at its field, or where the action has no page any more, on the dossier's."""
    if why_unavailable(action, activation):
        return _render_dossier(dossier, activation.public_id, form.first_error)
    return _render_form(action, dossier, activation, form)


def _render_form(
    action: ActivationAction,
    dossier: DossierDetail,
    activation: ActivationDetail,
    form: ActionForm,
    reason: str | None = None,
    existing: str | None = None,
) -> str:
    return render_template(
        "portal/dossier_form.html",
        dossier=dossier,
        one=activation,
        action=action,
        rule=RULES[action],
        form=form,
        reason=reason,
        existing=existing,
    )


def message(activation: ActivationDetail, sender: SignedInAccountant, link: str) -> str:
    """Return a short text for the accountant's own mail."""
    with override_locale(activation.language):
        return _text_to_copy(
            _("Hello,"),
            _(
                "We keep your accounts and would like to receive the statements of your credit card "
                "with client reference %(reference)s directly, so that you no longer have to send them "
                "to us. The bank shares them only with your consent: that is why we ask you to activate "
                "CARO, a service of CodaBox.",
                reference=group_digits(activation.client_reference),
            ),
            _("Have your credit card and your card reader ready, open this link and follow the steps:"),
            link,
            _(
                "The link is valid until %(date)s. Nothing is charged: the amount is 0.00 EUR. It takes "
                "about two minutes.",
                date=format_last_day(activation.expires_at, activation.now),
            ),
            sender.office,
        )


def stopped_message(activation: ActivationDetail, sender: SignedInAccountant) -> str:
    """Return a short text that tells the cardholder of the end: the product has no address to write to."""
    with override_locale(activation.language):
        return _text_to_copy(
            _("Hello,"),
            _(
                "CARO was stopped on %(date)s for your credit card with client reference %(reference)s. "
                "We no longer receive the statements of this card through CARO.",
                date=format_date(activation.changed_at),
                reference=group_digits(activation.client_reference),
            ),
            _("You do not need to do anything. Contact us if you did not expect this."),
            sender.office,
        )


def _text_to_copy(*paragraphs: str) -> str:
    """Return a text that leaves for another program, where only plain spaces and hyphens are found again."""
    return plain_spaces("\n\n".join(paragraphs))
