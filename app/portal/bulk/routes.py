"""One thing for many requests: what it will be done with, a last look, and what became of each."""

import re
import secrets

from flask import abort, redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.portal.bulk.bulk_wording import (
    CHOICES,
    EFFECTS,
    LIST_CHANGED,
    NOTHING_CHOSEN,
    NOTHING_TICKED,
    OUTCOMES,
)
from app.portal.bulk.selection import ListSelection, SelectionRefused, review_selection
from app.portal.dossiers.actions import RULES
from app.portal.forms import BulkActionForm
from app.portal.list_address import list_url
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.queries.office_events import BulkActionDetail, read_bulk_action, read_office_events
from app.services.bulk_actions import BULK_ACTIONS, BulkOrder
from app.services.invitations import ActionOutcome, ActivationAction
from app.web.notices import NoticeKind, flash_notice
from app.wording import LABELS

bp = portal_blueprint("bulk")

_BULK_ID = re.compile(r"[0-9a-f]{24}")


@bp.get("/caro/bulk")
def review_action() -> str | Response:
    """Show what would be done with each request that was chosen; lead to the file where one is wanted."""
    selection, choice = ListSelection.read_address(), request.args.get("action", "")
    if choice not in CHOICES:
        raise SelectionRefused(NOTHING_CHOSEN)
    if choice not in BULK_ACTIONS:
        return redirect(_file_url(selection, choice), 303)
    action = ActivationAction(choice)
    form = BulkActionForm(asks_language=RULES[action].asks_language)
    form.bulk_id.data = secrets.token_hex(12)
    return _render_review(selection, action, form)


@bp.post("/caro/bulk")
def start_action() -> Response | tuple[str, int]:
    """Do what the page has shown, or lead to a last look at it; nothing where it has changed meanwhile."""
    selection, choice = ListSelection.read_address(), request.args.get("action", "")
    if choice not in BULK_ACTIONS:
        raise SelectionRefused(NOTHING_CHOSEN)
    action = ActivationAction(choice)
    form = BulkActionForm(asks_language=RULES[action].asks_language)
    sent_id = form.bulk_id.data or ""
    bulk_id = sent_id if _BULK_ID.fullmatch(sent_id) else secrets.token_hex(12)
    if not form.validate():
        return _render_review(selection, action, form), 422
    if read_bulk_action(office_services().context, bulk_id) is None:
        reviewed = review_selection(office_services().context, selection, action)
        if not reviewed.included or form.seen.data != reviewed.mark:
            return _render_review(selection, action, form, LIST_CHANGED), 409
        order = BulkOrder(bulk_id, action, reviewed.version_marks, form.chosen_language)
        office_services().bulk_actions.prepare_action(order, current_accountant())
        if not RULES[action].ends:
            office_services().bulk_actions.perform_action(bulk_id)
    return redirect(url_for(".show_action", bulk_id=bulk_id), 303)


@bp.get("/caro/bulk/<bulk_id>")
def show_action(bulk_id: str) -> str:
    """Show what became of each request, or what is still to be confirmed."""
    detail = _find_action(bulk_id)
    done = [entry for entry in detail.entries if entry.outcome == ActionOutcome.DONE]
    return render_template(
        "portal/bulk_action.html",
        detail=detail,
        rule=RULES[ActivationAction(detail.action)],
        effects=EFFECTS[ActivationAction(detail.action)],
        done=done,
        pending=[entry for entry in detail.entries if entry.outcome is None],
        refused=[entry for entry in detail.entries if entry.outcome and entry not in done],
        outcomes=OUTCOMES,
    )


@bp.post("/caro/bulk/<bulk_id>")
def perform_action(bulk_id: str) -> Response:
    """Do it now that it was confirmed, or what an interruption has left of it."""
    _find_action(bulk_id)
    office_services().bulk_actions.perform_action(bulk_id)
    return redirect(url_for(".show_action", bulk_id=bulk_id), 303)


@bp.get("/history")
def list_events() -> str:
    """Show the latest exports and bulk actions of the office."""
    events = read_office_events(office_services().context)
    return render_template("portal/office_events.html", events=events, choices=CHOICES)


@bp.errorhandler(SelectionRefused)
def refuse_selection(refused: SelectionRefused) -> Response:
    """Lead back to the list, with everything still ticked, and say there why nothing was done."""
    flash_notice(NoticeKind.CAREFUL, refused.sentence)
    selection = ListSelection.read_address()
    return redirect(list_url(selection.list_query, row=request.args.getlist("row")), 303)


def _find_action(bulk_id: str) -> BulkActionDetail:
    """Return a bulk action; what is another office's does not exist."""
    return read_bulk_action(office_services().context, bulk_id) or abort(404)


def _file_url(selection: ListSelection, export_format: str) -> str:
    """Return the address of the file of what was chosen; raise SelectionRefused where nothing was."""
    rows = () if selection.takes_all else tuple(selection.version_marks)
    if not (rows or selection.takes_all):
        raise SelectionRefused(NOTHING_TICKED)
    return list_url(selection.list_query, "portal.export_activations", export_format=export_format, row=rows)


def _render_review(
    selection: ListSelection,
    action: ActivationAction,
    form: BulkActionForm,
    reason: LazyString | None = None,
) -> str:
    reviewed = review_selection(office_services().context, selection, action)
    return render_template(
        "portal/bulk_review.html",
        action=action,
        rule=RULES[action],
        effects=EFFECTS[action],
        form=form,
        reviewed=reviewed,
        reason=reason,
        labels=LABELS,
        list_address=list_url(selection.list_query),
    )
