"""The people of the office: who is asked in, what each may do, who may no longer come in."""

from collections.abc import Callable

from flask import Response, abort, redirect, render_template, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Role
from app.i18n import _, _l
from app.portal.forms import InvitationForm, RoleForm
from app.portal.people_wording import KEPT_AS_IT_WAS, REFUSALS, ROLES
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.services.colleagues import (
    AlreadyColleague,
    ColleagueService,
    InvitedTooOften,
    LastResponsible,
    OwnAccess,
    UnknownColleague,
)
from app.web.notices import NoticeKind, flash_notice

bp = portal_blueprint("people", "/people")


@bp.get("")
def list_people() -> str:
    """Show everybody of the office, who is asked in, and a form to ask somebody in."""
    return _render_people(InvitationForm())


@bp.post("")
def invite_colleague() -> BaseResponse:
    """Ask a colleague in; the answer is the same for every address that is not one's own office's."""
    form = InvitationForm()
    if not form.validate():
        return Response(_render_people(form), 422)
    role = Role(form.role.data)
    try:
        _service().invite_colleague(form.email.text, form.name.text, role, current_accountant())
    except (AlreadyColleague, InvitedTooOften) as refused:
        form.email.errors = [str(REFUSALS[type(refused)])]
        return Response(_render_people(form), 409)
    return _done(_l("The invitation is on its way. Your colleague can accept it within seven days."))


@bp.post("/<int:accountant_id>/role")
def change_role(accountant_id: int) -> BaseResponse:
    """Give a colleague another role."""
    form = RoleForm()
    if not form.validate():
        return Response(_render_people(InvitationForm(), form.first_error), 422)
    role = Role(form.role.data)
    return _change(
        lambda: _service().change_role(accountant_id, role, current_accountant()),
        _("The role is now: %(role)s.", role=ROLES[role]),
    )


@bp.post("/<int:accountant_id>/disable")
def disable_colleague(accountant_id: int) -> BaseResponse:
    """Shut a colleague out."""
    return _change(
        lambda: _service().disable_colleague(accountant_id, current_accountant()),
        _l("The access is closed, and every session has ended."),
    )


@bp.post("/<int:accountant_id>/enable")
def enable_colleague(accountant_id: int) -> BaseResponse:
    """Let a colleague come in again."""
    return _change(
        lambda: _service().enable_colleague(accountant_id, current_accountant()),
        _l("Your colleague can sign in again."),
    )


@bp.post("/invitations/<public_id>/withdraw")
def withdraw_invitation(public_id: str) -> BaseResponse:
    """Let an invitation be accepted no longer."""
    return _change(
        lambda: _service().withdraw_invitation(public_id, current_accountant()),
        _l("The invitation is cancelled: its link no longer works."),
    )


def _service() -> ColleagueService:
    return office_services().colleagues


def _change(change: Callable[[], None], sentence: LazyString | str) -> BaseResponse:
    """Do it and say so; whoever is another office's does not exist."""
    try:
        change()
    except UnknownColleague:
        abort(404)
    except (LastResponsible, OwnAccess) as refused:
        return Response(_render_people(InvitationForm(), KEPT_AS_IT_WAS[type(refused)]), 409)
    return _done(sentence)


def _done(sentence: LazyString | str) -> BaseResponse:
    flash_notice(NoticeKind.DONE, sentence)
    return redirect(url_for("people.list_people"), 303)


def _render_people(form: InvitationForm, reason: LazyString | str | None = None) -> str:
    return render_template(
        "portal/people.html",
        visitor=current_accountant(),
        people=_service().list_colleagues(),
        invitations=_service().list_invitations(),
        roles=ROLES,
        form=form,
        reason=reason,
        language_link=lambda language: url_for("people.list_people", lang=language),
    )
