"""What went wrong with a request, told by one page in the reader's language."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import (
    BadHost,
    BadRequest,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
    RequestEntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
)

from app.bank.gateway import BankFault
from app.domain.file_rules import FileProblem
from app.i18n import _, _l, format_start
from app.logs import SecurityEvent, current_request_id, log
from app.web.bodies import UPLOADS
from app.web.extensions import services
from app.web.failure_pages import opens_at_sentence
from app.web.file_wording import FILE_PROBLEMS
from app.web.mailed_links import misplaced_link
from app.web.request_tracing import log_refusal
from app.web.signed_in import recognise_accountant


class WrongHost(BadRequest):
    """The request names a host that is not ours."""


class ForeignOrigin(Forbidden):
    """The form was sent by another website."""


class CardTesting(TooManyRequests):
    """Cards were refused on too many activations in this network lately."""


class RoleForbids(Forbidden):
    """The page, or what was sent, is not for the role that the accountant has in their office."""


@dataclass(frozen=True)
class ErrorPage:
    """The two sentences of an error page: what happened, and what to do."""

    title: LazyString
    advice: LazyString | str
    #: For accountants, who have no link to open again.
    portal_advice: LazyString | None = None


_WRONG_TURN = _l("Check the address, or look in the list of requests.")

PAGES: Mapping[int, ErrorPage] = {
    400: ErrorPage(
        _l("We could not read what you sent"),
        _l("Go back one page, reload it and try again."),
    ),
    403: ErrorPage(
        _l("You cannot open this page"),
        _l("Open the link in your email again, or contact your accounting office."),
        _WRONG_TURN,
    ),
    404: ErrorPage(
        _l("This page does not exist"),
        _l("Check the address, or open the link in your email again."),
        _WRONG_TURN,
    ),
    405: ErrorPage(
        _l("This address cannot be opened this way"),
        _l("Open the link in your email again: it leads to the right page."),
        _WRONG_TURN,
    ),
    413: ErrorPage(
        _l("What you sent is too large"),
        _l("Go back one page and enter only what the form asks for."),
    ),
    415: ErrorPage(
        _l("We cannot accept this format"),
        _l("Go back one page and use the form that is shown there."),
    ),
    422: ErrorPage(
        _l("Something in the form is not right"),
        _l("Go back one page and check what you entered."),
    ),
    429: ErrorPage(
        _l("Too many tries in a short time"),
        _l("Try again later."),
    ),
    500: ErrorPage(
        _l("Something is not working on our side"),
        _l("Nothing was charged. Try again in a few minutes."),
    ),
    503: ErrorPage(
        _l("The service is not available at the moment"),
        _l("Nothing was charged. Try again in a few minutes."),
    ),
}

FOREIGN = ErrorPage(
    _l("This form was sent from another website"),
    _l(
        "We did not accept it, and nothing was changed. Open the link in your email again: it leads to the "
        "right page."
    ),
    _l("We did not accept it, and nothing was changed. Open the page again from the list of requests."),
)

LARGE_FILE = ErrorPage(PAGES[413].title, FILE_PROBLEMS[FileProblem.TOO_LARGE])

BEYOND_ROLE = ErrorPage(
    _l("Your role does not allow this"),
    _l("Nothing was changed. Ask a colleague who manages your office's access to CARO."),
)

ELSEWHERE = ErrorPage(
    _l("This site has another address"),
    _l("Open the link in your email again: it leads to the right page."),
)

STALE = ErrorPage(
    _l("This page was open for too long"),
    _l("Nothing was changed. Open the page again and continue from there."),
)


#: Whoever blocks cookies is sent round in a circle by any other advice.
COOKIELESS = ErrorPage(
    _l("Your browser did not send our cookie"),
    _l(
        "Nothing was changed. Allow cookies for this site in your browser, then open the page again and "
        "continue from there."
    ),
)


def init_app(app: Flask) -> None:
    """Answer every error of the application with a page."""
    app.register_error_handler(WrongHost, _wrong_host)
    app.register_error_handler(ForeignOrigin, _foreign)
    app.register_error_handler(RoleForbids, _beyond_role)
    app.register_error_handler(CSRFError, _csrf_expired)
    app.register_error_handler(InternalServerError, _server_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(PoolTimeout, _database_busy)
    app.register_error_handler(BankFault, _bank_not_asked)
    app.register_error_handler(TooManyRequests, _rate_limited)
    app.register_error_handler(CardTesting, _card_testing)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(BadHost, _host_error)


def error_page(status: int) -> ErrorPage:
    """Return the page of a status; one that the table does not know is told like its family."""
    return PAGES.get(status, PAGES[400 if status < 500 else 500])


def _http_error(error: HTTPException) -> Response:
    link = misplaced_link() if error.code == NotFound.code else None
    if link:
        return Response(status=303, headers={"Location": link})
    form = UPLOADS.get(request.endpoint or "") if error.code == RequestEntityTooLarge.code else None
    if form:
        return _error_response(error, LARGE_FILE, back=url_for(form))
    return _error_response(error, error_page(error.code or 500))


def _host_error(error: BadHost) -> Response:
    log_refusal(SecurityEvent.HOST_REFUSED)
    # For a host that can be none there are no addresses, and so no page of ours.
    return Response("400 Bad Request\n", error.code, mimetype="text/plain")


def _rate_limited(error: TooManyRequests) -> Response:
    log_refusal(SecurityEvent.CLIENT_SLOWED)
    return _error_response(error, _waiting_page(error, PAGES[429].title, opens_at_sentence))


def _card_testing(error: CardTesting) -> Response:
    log_refusal(SecurityEvent.CARD_TESTING)
    page = _waiting_page(
        error, _l("No cards are accepted from this network for the moment"), _card_testing_sentence
    )
    return _error_response(error, page, back=request.path)


def _waiting_page(
    error: TooManyRequests, title: LazyString, sentence: Callable[[datetime, datetime], str]
) -> ErrorPage:
    wait = error.retry_after
    if not isinstance(wait, int):
        return PAGES[429]
    now = services().clock()
    return ErrorPage(title, sentence(now + timedelta(seconds=wait), now))


def _card_testing_sentence(opens_at: datetime, now: datetime) -> str:
    """Say to whoever shares the network with one who tests cards that it is not their card."""
    return _(
        "Your bank was not asked: many cards were refused on your network in the last hour. This does not "
        "count as an attempt. You can try again %(start)s, or straight away on another network, such as your "
        "phone's mobile data.",
        start=format_start(opens_at, now),
    )


def _wrong_host(error: WrongHost) -> Response:
    log_refusal(SecurityEvent.HOST_REFUSED)
    return Response(render_template("errors/page.html", page=ELSEWHERE), error.code)


def _foreign(error: ForeignOrigin) -> Response:
    log_refusal(SecurityEvent.ORIGIN_REFUSED)
    return _error_response(error, FOREIGN)


def _beyond_role(error: RoleForbids) -> Response:
    log_refusal(SecurityEvent.ROLE_REFUSED)
    return _error_response(error, BEYOND_ROLE)


def _csrf_expired(error: CSRFError) -> Response:
    log_refusal(SecurityEvent.FORM_TOKEN_REFUSED)
    page = STALE if current_app.config["SESSION_COOKIE_NAME"] in request.cookies else COOKIELESS
    return _error_response(error, page, back=previous_page())


def _database_busy(error: SQLAlchemyError) -> Response:
    log.error("database_unavailable", error=type(getattr(error, "orig", error)).__name__)
    return _error_response(ServiceUnavailable(retry_after=10), PAGES[503], request_id=current_request_id())


def _bank_not_asked(_fault: BankFault) -> Response:
    return _error_response(ServiceUnavailable(retry_after=10), PAGES[503], back=request.path)


def _server_error(error: InternalServerError) -> Response:
    log.error("request_failed", error=type(error.original_exception).__name__)
    return _error_response(error, PAGES[500], request_id=current_request_id())


def _error_response(error: HTTPException, page: ErrorPage, **details: str | None) -> Response:
    # The exception's own headers stay: Allow, Retry-After.
    response = Response(status=error.code, headers=error.get_headers())
    portal = request.path.startswith("/portal")
    # Whoever comes too often, or meets what is broken, asks nothing more of the database.
    if portal and "accountant" not in g and response.status_code < TooManyRequests.code:
        # A page about one fault is not kept back by another.
        with suppress(SQLAlchemyError):
            recognise_accountant()
    if portal and page.portal_advice:
        page = ErrorPage(page.title, page.portal_advice)
    response.set_data(render_template("errors/page.html", page=page, portal=portal, **details))
    return response


def previous_page() -> str | None:
    """Return the path of our own page that held the form, None where the browser does not say."""
    before = urlsplit(request.referrer or "")
    ours = before.netloc == request.host and not before.path.startswith("//")
    return before.path if ours else None
