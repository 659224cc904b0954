"""Bulk actions as an accountant does them: what the list sends, the page that asks, the report."""

from collections.abc import Sequence
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import EventType
from app.models import Event, OfficeEvent

LIST, BULK = "/portal/caro", "/portal/caro/bulk"


def rows_of(client: FlaskClient, address: str = LIST) -> list[str]:
    """Return what the boxes of the list send."""
    page = BeautifulSoup(client.get(address).text, "html.parser")
    return [str(box["value"]) for box in page.select("[name=row]")]


def bulk_url(action: str, rows: Sequence[str] = (), **arguments: str) -> str:
    sent = [("action", action), *(("row", row) for row in rows), *arguments.items(), ("lang", "en")]
    return f"{BULK}?{urlencode(sent)}"


def confirm(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Open the page that says what will happen, and press its button."""
    return send(client, address, client.get(address), **fields)


def send(client: FlaskClient, address: str, page: TestResponse, **fields: str) -> TestResponse:
    return client.post(address, data={**hidden_fields(page), **fields})


def hidden_fields(page: TestResponse) -> dict[str, str]:
    form = BeautifulSoup(page.text, "html.parser").select_one("main form[method=post]")
    assert form is not None, page.text
    return {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}


def texts(page: TestResponse, selector: str) -> list[str]:
    found = BeautifulSoup(page.text, "html.parser").select(selector)
    return [" ".join(part.get_text(" ", strip=True).split()) for part in found]


def report(client: FlaskClient, answer: TestResponse) -> TestResponse:
    assert answer.status_code == 303, answer.text
    return client.get(answer.location + "?lang=en")


def history(database: Database) -> list[EventType]:
    with database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def office_events(database: Database) -> list[tuple[str | None, int | None]]:
    with database.read_connection() as connection:
        rows = connection.execute(select(OfficeEvent.detail, OfficeEvent.row_count).order_by(OfficeEvent.id))
        return [(row.detail, row.row_count) for row in rows]
