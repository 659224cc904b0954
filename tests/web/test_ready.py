"""The operator's two questions: does it live, and can it work."""

from flask.testing import FlaskClient

from app.models.upgrading import downgrade
from app.web.wiring import Services


def test_a_migrated_database_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200


def test_an_old_schema_is_alive_but_not_ready(client: FlaskClient, services: Services) -> None:
    downgrade(services.database, "base")

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
