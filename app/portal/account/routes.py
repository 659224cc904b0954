"""One's own sessions, and the settings of the office."""

from flask import Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.news_rules import NewsChoice
from app.domain.telephones import format_telephone
from app.i18n import _l, current_language, set_locale
from app.portal.forms import AccountForm, SettingsForm
from app.portal.news.routes import CHOICE_KEPT
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.services.offices import OfficeSettings
from app.web.extensions import services
from app.web.notices import NoticeKind, flash_notice

bp = portal_blueprint("account")


@bp.get("/account")
def show_account() -> str:
    """Show in which browsers the visitor is signed in, which mails they want, and in which language."""
    return _render_account()


def _render_account(form: AccountForm | None = None) -> str:
    visitor = current_accountant()
    reader = services().news.read_choice(visitor.accountant_id)
    kept = {"news": reader.choice if reader else "", "language": visitor.language}
    return render_template(
        "portal/account.html",
        visitor=visitor,
        sessions=services().sign_in.list_sessions(visitor),
        form=form or AccountForm(data=kept),
        language_link=lambda language: url_for("account.show_account", lang=language),
    )


@bp.post("/account/news")
def save_news() -> BaseResponse:
    """Keep which mails the visitor wants, and in which language; this browser speaks a new one at once."""
    form = AccountForm()
    if not form.validate():
        return Response(_render_account(form), 422)
    visitor, language = current_accountant(), form.language.data
    services().news.choose(visitor.accountant_id, NewsChoice(form.news.data), language)
    changed = language if language != visitor.language else None
    set_locale(changed or current_language())
    flash_notice(NoticeKind.DONE, CHOICE_KEPT)
    return redirect(url_for(".show_account", lang=changed), 303)


@bp.post("/account/sessions/<int:session_id>/end")
def end_session(session_id: int) -> BaseResponse:
    """End one of the visitor's own sessions."""
    services().sign_in.end_other_sessions(current_accountant(), session_id)
    flash_notice(NoticeKind.DONE, _l("The session has ended."))
    return redirect(url_for(".show_account"), 303)


@bp.post("/account/sessions/end")
def end_other_sessions() -> BaseResponse:
    """End all of the visitor's sessions but this one."""
    services().sign_in.end_other_sessions(current_accountant())
    flash_notice(NoticeKind.DONE, _l("All other sessions have ended."))
    return redirect(url_for(".show_account"), 303)


@bp.get("/office")
def show_settings() -> str:
    """Show what holds for the whole office."""
    office = office_services().offices.read_settings()
    telephone = format_telephone(office.telephone) if office.telephone else ""
    news_for = "everybody" if office.news_for_all else "orderer"
    kept = {"telephone": telephone, "language": office.language or "-", "news_for": news_for}
    return _render_settings(SettingsForm(data=kept))


@bp.post("/office")
def save_settings() -> BaseResponse:
    """Keep it; what cannot be read changes nothing."""
    form = SettingsForm()
    if not form.validate():
        return Response(_render_settings(form), 422)
    settings = OfficeSettings(
        form.telephone.text,
        form.language.data if form.language.data != "-" else None,
        form.news_for.data == "everybody",
    )
    office_services().offices.change_settings(settings, current_accountant().actor)
    flash_notice(NoticeKind.DONE, _l("The settings are saved."))
    return redirect(url_for(".show_settings"), 303)


def _render_settings(form: SettingsForm) -> str:
    return render_template("portal/office_settings.html", form=form)
