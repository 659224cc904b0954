"""The preview: where it starts, its bar, and the pages beside the wizard's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.banks import ActivationRoute
from app.domain.history import MailKind
from app.domain.identifiers import LONGEST_KEY, search_key
from app.domain.message_rules import OfficeMessage
from app.domain.typed_text import visible_text
from app.i18n import current_language, set_locale
from app.portal.forms import PreviewForm, hide_card_number
from app.portal.preview.preview_journey import LAST_FOUR, sample_expiry, sample_receipt
from app.portal.preview.preview_pages import (
    FIRST,
    PREVIEW_PAGES,
    SAMPLE_BANK,
    SAMPLE_CODE,
    SAMPLE_DOSSIER,
    SAMPLE_REFERENCE,
    Groups,
    PreviewSubject,
    current_subject,
    is_valid_subject,
    page_groups,
)
from app.portal.preview.sample_mails import mail_of_page
from app.portal.sign_in_guard import office_services, portal_blueprint
from app.queries.activation_list import ActivationRow, list_activations
from app.queries.list_query import ListQuery
from app.web.message_pages import render_outdated, render_receipt
from app.web.neutral_pages import render_neutral_page

bp = portal_blueprint("preview", "/preview")

#: What a preview is about, in the address of each of its pages; the page where it is chosen has none.
SUBJECT_PATH = "/<int:dossier_id>/<bank>/<reference>/<language>"
_ADDRESS = ("dossier_id", "bank", "reference", "language")


@dataclass(frozen=True)
class PreviewBar:
    """What stands above each page: what it is about, where one can go, and the card that is filled in."""

    subject: PreviewSubject
    dossier: tuple[str, str]
    groups: Groups
    here: str | None
    card: Mapping[str, str]


@bp.get(f"{SUBJECT_PATH}/go")
def go_to_page() -> Response:
    """Lead to the page that was chosen above."""
    key = request.args.get("scene", "")
    return redirect(current_subject().page_url(key), 303) if key in PREVIEW_PAGES else abort(404)


@bp.post(f"{SUBJECT_PATH}/signing")
def hand_over_to_bank() -> Response:
    """Take the browser as the bank does, and lead to a picture of its page."""
    return redirect(url_for(".show_bank_page"), 303)


@bp.get(f"{SUBJECT_PATH}/signing")
def show_bank_page() -> str:
    """Draw the page of the bank, and let the outcome be chosen."""
    _require_route(ActivationRoute.LINK)
    outcomes = {key: page for key, page in PREVIEW_PAGES.items() if page.failure and key != "closed"}
    return render_template("portal/preview_bank.html", bank=current_subject().bank, outcomes=outcomes)


@bp.get(f"{SUBJECT_PATH}/back", endpoint="show_unrecognised", defaults={"key": "back"})
@bp.get(f"{SUBJECT_PATH}/back-active", endpoint="show_success_elsewhere", defaults={"key": "back-active"})
@bp.get(f"{SUBJECT_PATH}/back-failed", endpoint="show_failure_elsewhere", defaults={"key": "back-failed"})
@bp.get(f"{SUBJECT_PATH}/back-waiting", endpoint="show_wait_elsewhere", defaults={"key": "back-waiting"})
def show_neutral_page(key: str) -> str:
    """Show where the browser arrives when it is not the one in which the link was opened."""
    _require_route(ActivationRoute.LINK)
    return render_neutral_page(PREVIEW_PAGES[key].state)


@bp.post(f"{SUBJECT_PATH}/message")
def send_message() -> Response:
    """Send nothing, and lead to the page that would follow."""
    key = f"message-{request.form.get('message', OfficeMessage.NEW_LINK)}"
    return redirect(current_subject().page_url(key), 303) if key in PREVIEW_PAGES else abort(404)


_NEW_LINK, _UNEXPECTED = OfficeMessage.NEW_LINK, OfficeMessage.UNEXPECTED


@bp.get(f"{SUBJECT_PATH}/new-link-wanted", endpoint="show_new_link_wanted", defaults={"message": _NEW_LINK})
@bp.get(f"{SUBJECT_PATH}/unexpected", endpoint="show_request_unexpected", defaults={"message": _UNEXPECTED})
@bp.get(
    f"{SUBJECT_PATH}/message-again",
    endpoint="show_message_again",
    defaults={"message": _NEW_LINK, "new": False},
)
def show_message(message: OfficeMessage, *, new: bool = True) -> str:
    """Show what is read once the office has a message."""
    _require_route(ActivationRoute.LINK)
    return render_receipt(sample_receipt(message), new=new)


@bp.get(f"{SUBJECT_PATH}/message-outdated")
def show_message_outdated() -> str:
    """Show what is read where a message came too late."""
    _require_route(ActivationRoute.LINK)
    return render_outdated()


@bp.get(f"{SUBJECT_PATH}/how-to")
def show_app_steps() -> str:
    """Show the steps in the app of the bank."""
    _require_route(ActivationRoute.BANK_APP)
    return render_template("site/how_to_activate.html", bank=current_subject().bank)


@bp.get(f"{SUBJECT_PATH}/mail/<kind>")
def show_mail(kind: str) -> str:
    """Show a mail as its reader meets it."""
    page = PREVIEW_PAGES.get(f"mail-{kind}")
    if page is None or not page.is_for_bank(current_subject().bank):
        abort(404)
    mail = mail_of_page(MailKind(kind), current_subject(), g.dossier)
    return render_template("portal/preview_mail.html", name=page.name, mail=mail)


@bp.url_value_preprocessor
def _pull_subject(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep what the preview is about out of the views' arguments."""
    g.subject_values = [values.pop(name) for name in _ADDRESS] if values and "reference" in values else []


@bp.url_defaults
def _push_subject(endpoint: str, values: dict[str, Any]) -> None:
    """Add what the preview is about to the addresses of its own pages."""
    if "subject" in g and current_app.url_map.is_endpoint_expecting(endpoint, "reference"):
        for name, value in current_subject().url_values.items():
            values.setdefault(name, value)


@bp.before_request
def _open_subject() -> None:
    """Refuse what does not exist, and speak the language of the address whatever else is remembered."""
    if not g.subject_values:
        return
    subject = PreviewSubject(*g.subject_values)
    if not is_valid_subject(subject):
        abort(404)
    g.dossier = subject.dossier_title
    g.subject = subject
    set_locale(subject.language)


@bp.context_processor
def _template_words() -> dict[str, object]:
    if not g.subject_values:
        return {"language_link": _start_url_in}
    if "subject" not in g:
        return {}
    return {
        "preview": PreviewBar(
            current_subject(), g.dossier, page_groups(current_subject().bank), _current_page(), _card_values()
        ),
        "language_link": _url_in_language,
    }


def _card_values() -> Mapping[str, str]:
    """Return what stands in the closed fields of the card page."""
    return {"number": f"•••• •••• •••• {LAST_FOUR}", "expiry": sample_expiry(), "code": "•••", "closed": ""}


def _current_page() -> str | None:
    """Name the page that is being shown; on the way through the wizard the address still names the first."""
    endpoint = (request.endpoint or "").removeprefix("preview.")
    kind = (request.view_args or {}).get("kind")
    named = f"mail-{kind}" if kind else g.get("public_id", "")
    if named in PREVIEW_PAGES and PREVIEW_PAGES[named].endpoint == endpoint:
        return str(named)
    return next((key for key, page in PREVIEW_PAGES.items() if page.endpoint == endpoint), None)


def _url_in_language(language: str) -> str:
    """Return the address of the same page in another language."""
    return url_for(
        request.endpoint or "",
        **(request.view_args or {}),
        **{**current_subject().url_values, "language": language},
    )


def _require_route(route: ActivationRoute) -> None:
    if current_subject().bank.route is not route:
        abort(404)


_FIELDS = ("dossier", "bank", "reference", "language")


class _DossierChoice(NamedTuple):
    """A dossier that can be looked at, with the bank and the reference that come to mind first."""

    id: int
    code: str
    bank: str = SAMPLE_BANK
    reference: str = SAMPLE_REFERENCE


_SAMPLE = _DossierChoice(SAMPLE_DOSSIER, SAMPLE_CODE)


@bp.get("")
def show_start() -> str | tuple[str, int]:
    """Ask what the preview is about, and list all that can be looked at."""
    form, subject = _read_start_form()
    groups = page_groups(subject.bank) if subject else ()
    page = render_template("portal/preview.html", form=form, subject=subject, groups=groups)
    return page if subject else (page, 422)


@bp.get("/walk")
def start_walk() -> Response | str | tuple[str, int]:
    """Begin with the first page."""
    _form, subject = _read_start_form()
    return redirect(subject.page_url(FIRST[subject.bank.route]), 303) if subject else show_start()


def _start_url_in(language: str) -> str:
    """Return the address of the start page in another language, with what was typed there."""
    values: dict[str, Any] = {name: hide_card_number(text) for name, text in _typed_values().items()}
    return url_for(".show_start", **values, lang=language)


def _read_start_form() -> tuple[PreviewForm, PreviewSubject | None]:
    """Return the form as it was filled in, and its subject where nothing is wrong with it."""
    given = _typed_values()
    dossier = _find_dossier(given["dossier"]) if "dossier" in given else _first_dossier()
    form = PreviewForm(
        formdata=MultiDict(given), data=_default_values(dossier), dossier_exists=dossier is not None
    )
    if not form.validate() or dossier is None:
        return form, None
    return form, PreviewSubject(dossier.id, form.bank.data, form.reference.text, form.language.data)


def _typed_values() -> dict[str, str]:
    return {name: visible_text(request.args[name]) for name in _FIELDS if name in request.args}


def _default_values(dossier: _DossierChoice | None) -> dict[str, str]:
    usual = dossier or _DossierChoice(SAMPLE_DOSSIER, "")
    return {
        "dossier": usual.code,
        "bank": usual.bank,
        "reference": usual.reference,
        "language": current_language(),
    }


def _first_dossier() -> _DossierChoice:
    """Return the first dossier of the office, or the sample where it has none."""
    entries = list_activations(office_services().context, ListQuery()).entries
    return _dossier_choice(entries[0]) if entries else _SAMPLE


def _find_dossier(typed: str) -> _DossierChoice | None:
    """Find the dossier of a code; what else begins so does not matter."""
    text = typed[:LONGEST_KEY]
    key = search_key(text)
    entries = list_activations(office_services().context, ListQuery(text=text)).entries if key else ()
    sample = _SAMPLE if key == search_key(SAMPLE_CODE) else None
    return next((_dossier_choice(row) for row in entries if search_key(row.code) == key), sample)


def _dossier_choice(entry: ActivationRow) -> _DossierChoice:
    bank = entry.banks[0] if entry.banks else SAMPLE_BANK
    return _DossierChoice(entry.dossier_id, entry.code, bank, entry.client_reference or SAMPLE_REFERENCE)
