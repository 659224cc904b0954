"""An accountant at work: signs in as one does, and keeps the cookie."""

import re

from flask.testing import FlaskClient

from app.web.extensions import Services
from tests.support.office import ACCOUNTANT


def sign_in(client: FlaskClient, services: Services, email: str = ACCOUNTANT) -> FlaskClient:
    """Sign in with a fresh one-time link."""
    link = services.sign_in.create_sign_in_link(email)
    assert link is not None
    path = link.removeprefix(services.settings.public_url)
    assert client.post(path, data={"csrf_token": token_in(client.get(path).text)}).status_code == 303
    return client


def token_in(page: str) -> str:
    """Return the token that a page's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def digits(text: str) -> str:
    """Return nothing but the digits of a page, so that no writing of a number hides it."""
    return "".join(letter for letter in text if letter in "0123456789")
