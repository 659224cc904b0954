"""Every failure page as the office previews it, in every language: tone, list, progress, button."""

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from app.domain.failures import FAILURES, ChecklistItem, Failure, FailureTone
from app.i18n import LANGUAGES, gettext, override_locale

BEFORE_BANK = frozenset(
    {
        Failure.WRONG_CARD,
        Failure.NOT_CREDIT,
        Failure.BRAND_NOT_CARRIED,
        Failure.TECHNICAL,
        Failure.BANK_REFUSED,
        Failure.TOO_FREQUENT,
    }
)


def words(part: Tag | None) -> str:
    return " ".join(part.get_text().split()) if part else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_has_its_tone_its_list_and_its_step(
    app: Flask, accountant_client: FlaskClient, language: str
) -> None:
    gallery = BeautifulSoup(accountant_client.get(f"/portal/gallery?lang={language}").text, "html.parser")
    with app.app_context(), override_locale(language):
        cause_first = gettext("What to check, the most likely cause first")
        progress = {step: gettext("Step %(step)s of 4") % {"step": step} for step in (2, 3)}
    shown = {Failure(str(tile["data-failure"])): tile for tile in gallery.select("[data-failure]")}

    assert set(shown) == set(Failure)
    for failure, tile in shown.items():
        row, step = FAILURES[failure], 2 if failure in BEFORE_BANK else 3
        link = tile.select_one("a")
        assert link
        page = BeautifulSoup(accountant_client.get(str(link["href"])).text, "html.parser")

        assert words(page.select_one(f".progress[data-step='{step}']")) == progress[step]
        assert bool(page.select(".failed.calm")) is (row.tone is FailureTone.CALM)
        assert bool(page.select("ol.checks")) is (len(row.items) > 1)
        assert (cause_first in words(page)) is (len(row.items) > 1)
        assert [ChecklistItem(str(item["data-item"])) for item in page.select("[data-item]")] == [*row.items]
        assert page.select_one(".actions a.main")
