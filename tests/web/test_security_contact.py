"""Whoever finds a weakness learns at the usual address whom to write to."""

from flask.testing import FlaskClient

from app.settings import Settings


def test_the_operators_contact_is_at_the_well_known_address(client: FlaskClient, settings: Settings) -> None:
    answer = client.get("/.well-known/security.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert answer.text.splitlines() == [
        f"Contact: mailto:{settings.operator_contact}",
        "Expires: 2026-12-23T09:00:00Z",
        "Preferred-Languages: fr, nl, en, de",
        "Canonical: http://localhost:8000/.well-known/security.txt",
    ]
