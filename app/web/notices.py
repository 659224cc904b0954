"""What is said once, on the page that follows: it was done, it is good to know, or it needs care."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask import flash
from flask_babel.speaklater import LazyString

from app.i18n import _l


class NoticeKind(StrEnum):
    """What a notice is to its reader."""

    DONE = "done"
    INFORMATION = "information"
    CAREFUL = "careful"


@dataclass(frozen=True)
class NoticeLook:
    """The word before a notice, and the lines of its picture: colour alone tells nobody."""

    word: LazyString
    picture: str


LOOKS: Mapping[NoticeKind, NoticeLook] = {
    NoticeKind.DONE: NoticeLook(_l("Done."), "M4 13l5 5L20 6"),
    NoticeKind.INFORMATION: NoticeLook(_l("Good to know."), "M12 3a9 9 0 1 0 .1 0M12 11v6M12 7.5v.1"),
    NoticeKind.CAREFUL: NoticeLook(_l("Please note."), "M12 3L2 21h20zM12 10v5M12 18v.1"),
}


def flash_notice(kind: NoticeKind, sentence: str | LazyString) -> None:
    """Say a sentence on the page that follows, once."""
    flash(str(sentence), kind)
