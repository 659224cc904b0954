"""What is said once, on the page that follows: three kinds, told apart by word and picture."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask, render_template_string

from app.i18n import LANGUAGES, override_locale
from app.web.notices import LOOKS, NoticeKind, flash_notice


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_has_a_word_and_a_picture_of_its_own(app: Flask, language: str) -> None:
    with app.app_context(), override_locale(language):
        words = {str(LOOKS[kind].word) for kind in NoticeKind}

    assert set(LOOKS) == set(NoticeKind)
    assert len(words) == len({look.picture for look in LOOKS.values()}) == len(NoticeKind)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_notice_is_announced_with_its_word_and_picture(app: Flask, kind: NoticeKind) -> None:
    with app.test_request_context(), override_locale("en"):
        flash_notice(kind, "The sentence.")
        page = render_template_string("{% extends 'base.html' %}{% set title = 'Any' %}")
        word = str(LOOKS[kind].word)

    (note,) = BeautifulSoup(page, "html.parser").select("[role=status]")
    assert note["data-kind"] == kind
    assert note.get_text(" ", strip=True) == f"{word} The sentence."
    assert note.select("svg[aria-hidden]")
