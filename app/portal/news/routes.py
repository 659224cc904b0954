"""Choosing which mails one wants, by the link that each of them carries: nobody needs to sign in for it."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from app.domain.news_rules import NewsChoice
from app.i18n import _l
from app.portal.forms import NewsForm
from app.services.news_mails import NewsReader
from app.web.extensions import services
from app.web.notices import NoticeKind, flash_notice

bp = Blueprint("news", __name__, url_prefix="/portal/news")

CHOICE_KEPT = _l("Your choice is saved.")


@bp.get("/<mailed:token>")
def show_choice(token: str) -> str:
    """Show what can be chosen; opening the link, as mail scanners do, changes nothing."""
    reader = _find_reader(token)
    return render_template("portal/news.html", reader=reader, form=NewsForm(data={"news": reader.choice}))


@bp.post("/<mailed:token>")
def save_choice(token: str) -> BaseResponse:
    """Keep the choice of the page; or turn the mails off, as mail programs ask for it (RFC 8058)."""
    reader = _find_reader(token)
    if request.form.get("List-Unsubscribe") == "One-Click":
        services().news.choose(reader.accountant_id, NewsChoice.NONE)
        return Response(status=204, mimetype="text/plain")
    protection: CSRFProtect = current_app.extensions["csrf"]
    protection.protect()
    form = NewsForm()
    if not form.validate():
        return Response(render_template("portal/news.html", reader=reader, form=form), 422)
    services().news.choose(reader.accountant_id, NewsChoice(form.news.data))
    flash_notice(NoticeKind.DONE, CHOICE_KEPT)
    return redirect(url_for(".show_choice", token=token), 303)


def _find_reader(token: str) -> NewsReader:
    return services().news.find_reader(token) or abort(404)
