"""One thing for many requests: what it will be done with, a last look, and what became of each."""

import re
import secrets

from flask import abort, redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.i18n import LANGUAGES
from app.portal.bulk.bulk_wording import (
    CHOICES,
    EVENT_NAMES,
    LIST_CHANGED,
    NAMES,
    NOTHING_CHOSEN,
    NOTHING_TICKED,
    OUTCOMES,
    announced_effects,
)
from app.portal.bulk.selection import ListSelection, ReviewedSelection, SelectionRefused, review_selection
from app.portal.dossiers.actions import RULES
from app.portal.forms import BulkActionForm
from app.portal.list_address import list_url
from app.portal.people_wording import EVENTS, ROLES
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.queries.list_query import ListQuery
from app.queries.office_events import BulkActionDetail, read_bulk_action, read_office_events
from app.services.bulk_actions import BULK_ACTIONS, BulkCommand
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
    return _render_review(selection, action, form, _review(selection, action))


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
    if read_bulk_action(office_services().context, bulk_id) is None:
        reviewed = _review(selection, action)
        if not form.validate():
            return _render_review(selection, action, form, reviewed), 422
        if not reviewed.included or form.seen.data != reviewed.mark:
            return _render_review(selection, action, form, reviewed, LIST_CHANGED), 409
        command = BulkCommand(bulk_id, action, reviewed.version_marks, form.chosen_language)
        service, needs_last_look = office_services().bulk_actions, RULES[action].ends
        service.prepare_action(command, current_accountant(), confirmed=not needs_last_look)
        service.perform_action(bulk_id)
    return redirect(url_for(".show_action", bulk_id=bulk_id), 303)


@bp.get("/caro/bulk/<bulk_id>")
def show_action(bulk_id: str) -> str:
    """Show what became of each request, or what is still to be confirmed."""
    detail = _find_action(bulk_id)
    done = [entry for entry in detail.entries if entry.outcome == ActionOutcome.DONE]
    return render_template(
        "portal/bulk_action.html",
        detail=detail,
        name=NAMES[ActivationAction(detail.action)],
        rule=RULES[ActivationAction(detail.action)],
        effects=announced_effects(ActivationAction(detail.action), has_link=True),
        done=done,
        pending=[entry for entry in detail.entries if entry.outcome is None],
        refused=[entry for entry in detail.entries if entry.outcome and entry not in done],
        outcomes=OUTCOMES,
        language=LANGUAGES.get(detail.language),
    )


@bp.post("/caro/bulk/<bulk_id>")
def perform_action(bulk_id: str) -> Response:
    """Do it now that it was looked at once more."""
    _find_action(bulk_id)
    office_services().bulk_actions.confirm_action(bulk_id, current_accountant())
    office_services().bulk_actions.perform_action(bulk_id)
    return redirect(url_for(".show_action", bulk_id=bulk_id), 303)


@bp.get("/history")
def list_events() -> str:
    """Show what was done lately with the office as a whole: imports, exports, bulk actions, people."""
    return render_template(
        "portal/office_events.html",
        events=read_office_events(office_services().context),
        events_of_people=EVENTS,
        roles=ROLES,
        choices=EVENT_NAMES,
        names=LANGUAGES,
    )


@bp.errorhandler(SelectionRefused)
def refuse_selection(refused: SelectionRefused) -> Response:
    """Lead back to the list, with everything still ticked, and say there why nothing was done."""
    flash_notice(NoticeKind.CAREFUL, refused.sentence)
    return redirect(ListSelection.read_address().list_address, 303)


def _find_action(bulk_id: str) -> BulkActionDetail:
    """Return a bulk action; what is another office's does not exist, and an order has pages of its own."""
    detail = read_bulk_action(office_services().context, bulk_id)
    return detail if detail and detail.action in BULK_ACTIONS else abort(404)


def _file_url(selection: ListSelection, export_format: str) -> str:
    """Return the address of the file of what was chosen; raise SelectionRefused where nothing was."""
    selection.require_known_filter()
    if selection.takes_all:
        return list_url(selection.list_query, "portal.export_activations", export_format=export_format)
    if not selection.version_marks:
        raise SelectionRefused(NOTHING_TICKED)
    # Whatever has become of them since: without the filter none of them is missing.
    rows = tuple(selection.version_marks)
    return list_url(ListQuery(), "portal.export_activations", export_format=export_format, row=rows)


def _review(selection: ListSelection, action: ActivationAction) -> ReviewedSelection:
    return review_selection(office_services().context, selection, action)


def _render_review(
    selection: ListSelection,
    action: ActivationAction,
    form: BulkActionForm,
    reviewed: ReviewedSelection,
    reason: LazyString | None = None,
) -> str:
    return render_template(
        "portal/bulk_review.html",
        action=action,
        name=NAMES[action],
        rule=RULES[action],
        effects=announced_effects(action, has_link=any(row.has_link for row in reviewed.included)),
        form=form,
        reviewed=reviewed,
        reason=reason,
        labels=LABELS,
        list_address=selection.list_address,
    )
