"""The preview shows every page and mail as a cardholder meets it, and nothing happens."""

import pytest
from flask.testing import FlaskClient

from app.portal.preview.scenes import SCENES
from app.portal.preview.stage import Stage


def test_all(desk: FlaskClient) -> None:
    page = desk.get("/portal/preview?lang=en")
    assert page.status_code == 200, page.text
    with desk.application.test_request_context():
        urls = {}
        for bank in ("belfius", "kbc"):
            stage = Stage(1, bank, "6123456789", "fr")
            urls |= {(bank, key): stage.url(key) for key, scene in SCENES.items() if scene.is_of(stage.bank)}
    for key, url in urls.items():
        answer = desk.get(url)
        print(key, url, answer.status_code)
