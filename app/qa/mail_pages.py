"""The mailbox: every mail of the office as its recipient has it."""

import re
from typing import NamedTuple

from flask import Response, render_template, request

from app.qa import telling
from app.qa.door import office_tools
from app.qa.rooms import room

mails = room("qa_mails", "/mails")

_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
#: The links of a mail open beside the mailbox: no page of ours lets itself be framed.
_ELSEWHERE = '<base target="_blank">'


class TextPart(NamedTuple):
    """A part of a text: words, or an address that can be followed."""

    text: str
    is_link: bool


@mails.get("")
def list_mails() -> str:
    """List the mails of the office, newest first."""
    found = office_tools().list_mails(request.args.get("activation"), request.args.get("to"))
    return render_template("qa/mails.html", mails=[telling.serialize_mail(one) for one in reversed(found)])


@mails.get("/<mail_id>")
def show_mail(mail_id: str) -> str:
    """Show one mail: its heading, the picture, the text."""
    told = telling.serialize_mail(office_tools().find_mail(mail_id))
    return render_template("qa/mail.html", mail=told, pieces=split_links(told["text"]))


@mails.get("/<mail_id>/html")
def show_mail_html(mail_id: str) -> Response:
    """Draw one mail as a mail program does, in a box that runs nothing."""
    drawn = telling.serialize_mail(office_tools().find_mail(mail_id))["html"]
    return Response(_HEAD.sub(lambda head: head[0] + _ELSEWHERE, drawn, count=1), mimetype="text/html")


@mails.get("/<mail_id>/raw")
def download_mail(mail_id: str) -> Response:
    """Hand out one mail as it was sent."""
    return Response(office_tools().find_mail(mail_id).raw, mimetype="message/rfc822")


def split_links(text: str) -> list[TextPart]:
    """Take a text apart where it has addresses."""
    links = telling.find_links(text)
    if not links:
        return [TextPart(text, is_link=False)]
    parts = re.split("(" + "|".join(map(re.escape, sorted(links, key=len, reverse=True))) + ")", text)
    return [TextPart(part, is_link=part in links) for part in parts if part]
