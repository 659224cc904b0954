"""The pages of a link that does not open the wizard: one for each condition, each with its status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, render_template
from flask_babel.speaklater import LazyString

from app.domain.caps import Caps
from app.domain.message_rules import ON_LINK_PAGES
from app.domain.states import LinkCondition
from app.i18n import _l, follow_language, format_end, format_moment
from app.logs import SecurityEvent
from app.services.links import LinkUnavailable
from app.web.extensions import services
from app.web.message_pages import offer_messages
from app.web.request_tracing import log_refusal
from app.wording import NUMBERS


@dataclass(frozen=True)
class LinkPage:
    """What a closed link says; the sentences may name %(office)s, %(moment)s, %(end)s and %(count)s."""

    status: int
    title: LazyString
    text: LazyString
    advice: LazyString


PAGES: Mapping[LinkCondition, LinkPage] = {
    LinkCondition.ALTERED: LinkPage(
        404,
        _l("This link is incomplete or was changed"),
        _l(
            "Some email programs cut off the end of a long link or turn its capitals into small letters. "
            "Then it no longer works."
        ),
        _l(
            "Open the link in your email again. If you see this page once more, copy the whole link into the "
            "address bar, exactly as it is written."
        ),
    ),
    LinkCondition.UNKNOWN: LinkPage(
        404,
        _l("We do not know this link"),
        _l("This link does not lead to an activation."),
        _l("Use the link in the most recent email, or ask your accounting office for a new one."),
    ),
    LinkCondition.MISSING: LinkPage(
        403,
        _l("Open the link in your email"),
        _l("This page opens only with the activation link, in the browser in which you opened the link."),
        _l("Go back to the email and open its link in this browser. Your browser must accept cookies."),
    ),
    LinkCondition.ACTIVE: LinkPage(
        200,
        _l("This service is already active"),
        _l("CARO was activated for %(office)s %(moment)s."),
        _l("You do not need to do anything else. Contact %(office)s if you want to stop the service."),
    ),
    LinkCondition.WITHDRAWN: LinkPage(
        410,
        _l("This request was cancelled"),
        _l("%(office)s has cancelled the request for your credit card statements."),
        _l("You do not need to do anything. Contact %(office)s if you did not expect this."),
    ),
    LinkCondition.STOPPED: LinkPage(
        410,
        _l("This service was stopped"),
        _l("CARO was stopped %(moment)s: %(office)s no longer receives your credit card statements."),
        _l("You do not need to do anything. Contact %(office)s if you did not expect this."),
    ),
    LinkCondition.REPLACED: LinkPage(
        410,
        _l("A newer link exists"),
        _l("%(office)s has sent a newer link, and this one no longer works."),
        _l("Open the link in the most recent email. Contact %(office)s if you cannot find it."),
    ),
    LinkCondition.EXPIRED: LinkPage(
        410,
        _l("This link has expired"),
        _l("The link from %(office)s was valid %(end)s."),
        _l("Ask %(office)s to send the invitation again."),
    ),
    LinkCondition.LOCKED: LinkPage(
        429,
        _l("The page for your card details is closed for now"),
        _l("Within 24 hours, %(count)s attempts were refused. The page opens again %(moment)s."),
        _l(
            "If you cannot wait, ask %(office)s to send the invitation again: that opens the page straight "
            "away."
        ),
    ),
}


def init_app(app: Flask) -> None:
    """Answer a closed link with its page, whichever view met it."""
    app.register_error_handler(LinkUnavailable, _answer_closed_link)


def _answer_closed_link(closed: LinkUnavailable) -> Response:
    page = PAGES[closed.condition]
    if closed.condition is LinkCondition.ALTERED:
        log_refusal(SecurityEvent.LINK_REFUSED)
    if closed.activation:
        follow_language(closed.activation.language)
    text, advice = _closed_link_text(closed)
    html = render_template(
        "errors/link.html",
        title=page.title,
        text=text,
        advice=advice,
        activation=closed.activation,
        choices=offer_messages(closed.activation, ON_LINK_PAGES[closed.condition])
        if closed.activation
        else [],
    )
    response = Response(html, page.status)
    if closed.opens_at:
        wait = closed.opens_at - services().clock()
        response.headers["Retry-After"] = str(max(1, int(wait.total_seconds())))
    return response


def _closed_link_text(closed: LinkUnavailable) -> tuple[str, str]:
    page, activation = PAGES[closed.condition], closed.activation
    if activation is None:
        return str(page.text), str(page.advice)
    stopped_at = activation.changed_at if closed.condition is LinkCondition.STOPPED else None
    since = closed.opens_at or stopped_at or activation.activated_at or activation.expires_at
    found = services()
    return link_page_text(closed.condition, activation.office, since, found.clock(), found.settings.caps)


def link_page_text(
    condition: LinkCondition, office: str, since: datetime, now: datetime, caps: Caps
) -> tuple[str, str]:
    """Return what the page says under its title, and what it advises; `since` is the moment that it names."""
    words = {
        "office": office,
        "moment": format_moment(since, now),
        "end": format_end(since, now),
        "count": NUMBERS[caps.refusals_a_day],
    }
    return str(PAGES[condition].text) % words, str(PAGES[condition].advice) % words
