"""Dossiers from a file: choose it, see what it would change, bring it in."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from flask import redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.domain.banks import BANKS
from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.i18n import _, _l, format_number
from app.models.office import MandateState
from app.portal.orders.routes import format_iban
from app.portal.sent_files import ACCEPTED, MOST_FAULTS, sent_file
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.services.dossier_file import MOST_DOSSIERS, OFFICE_RULES
from app.services.dossier_import import PlannedLine
from app.services.workbook_rows import reads_workbooks
from app.web.file_wording import COLUMN_NAMES, tell_fault
from app.web.notices import NoticeKind, flash_notice

bp = portal_blueprint("dossier_import")

#: So many lines of a kind are shown; the others are counted.
MOST_SHOWN = 100


class LineGroup(StrEnum):
    """What is looked at together, the most doubtful first."""

    DOUBTFUL = "doubtful"
    UPDATED = "updated"
    CREATED = "created"
    UNCHANGED = "unchanged"


GROUP_NAMES: Mapping[LineGroup, LazyString] = {
    LineGroup.DOUBTFUL: _l("In doubt"),
    LineGroup.UPDATED: _l("Changed"),
    LineGroup.CREATED: _l("New"),
    LineGroup.UNCHANGED: _l("Unchanged"),
}
STATE_NAMES: Mapping[MandateState, LazyString] = {
    MandateState.ACTIVE: _l("Active mandate"),
    MandateState.ARCHIVED: _l("Archived mandate"),
}
_GONE = _l("This file was imported already, or has been here for more than 24 hours. Choose it again.")


@bp.get("/caro/dossiers")
def show_form() -> str:
    """Ask for the file."""
    return _render_form()


@bp.post("/upload/dossiers")
def upload_file() -> Response | tuple[str, int]:
    """Read the file and lead to what it would change; nothing has changed yet."""
    try:
        with sent_file() as raw:
            public_id = office_services().dossier_uploads.keep_file(raw, current_accountant())
    except InvalidFile as invalid:
        return _render_form(invalid.faults), 422
    return redirect(url_for(".review_upload", upload_id=public_id), 303)


@bp.get("/caro/dossiers/<upload_id>")
def review_upload(upload_id: str) -> str | Response:
    """Show what each line would do."""
    plan = office_services().dossier_uploads.plan_upload(upload_id, current_accountant())
    if not plan:
        return _lead_back()
    groups: dict[LineGroup, list[PlannedLine]] = {group: [] for group in LineGroup}
    for planned in plan:
        groups[_group_of(planned)].append(planned)
    return render_template(
        "portal/dossier_import_review.html",
        groups=groups,
        names=GROUP_NAMES,
        states=STATE_NAMES,
        banks=BANKS,
        most=MOST_SHOWN,
        columns=COLUMN_NAMES,
        format_iban=format_iban,
        tell_fault=tell_fault,
        brings=any(groups[group] for group in (LineGroup.CREATED, LineGroup.UPDATED, LineGroup.DOUBTFUL)),
    )


@bp.post("/caro/dossiers/<upload_id>")
def import_upload(upload_id: str) -> Response:
    """Bring the lines in, once."""
    wanted = request.form.get("doubtful") == "yes"
    who = current_accountant()
    summary = office_services().dossier_uploads.import_upload(upload_id, who, with_doubtful=wanted)
    if summary is None:
        return _lead_back()
    sentence = _(
        "The file is imported: %(created)s lines were new and %(updated)s have changed.",
        created=format_number(summary.created),
        updated=format_number(summary.updated),
    )
    flash_notice(NoticeKind.DONE, sentence)
    return redirect(url_for("portal.list_activations"), 303)


def _group_of(planned: PlannedLine) -> LineGroup:
    return LineGroup.DOUBTFUL if planned.doubt else LineGroup(planned.change)


def _lead_back() -> Response:
    flash_notice(NoticeKind.INFORMATION, _GONE)
    return redirect(url_for(".show_form"), 303)


def _render_form(faults: Sequence[FileFault] = ()) -> str:
    return render_template(
        "portal/dossier_import.html",
        errors=faults,
        faults=faults[:MOST_FAULTS],
        more=len(faults) - MOST_FAULTS,
        tell_fault=tell_fault,
        accepted=ACCEPTED,
        reads_workbooks=reads_workbooks(),
        columns=[COLUMN_NAMES[column] for column in OFFICE_RULES],
        most=MOST_DOSSIERS,
        no_workbook=tell_fault(FileFault(FileProblem.WORKBOOKS_NOT_READ)),
    )
