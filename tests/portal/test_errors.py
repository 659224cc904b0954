"""An accountant who takes a wrong turn is led back to the list, not to a link in a mail."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/portal/nowhere", 404),
        ("GET", "/portal/dossiers/999", 404),
        ("GET", "/portal/requests/x/copy", 405),
    ],
)
def test_a_wrong_turn_leads_back_to_the_list(desk: FlaskClient, method: str, path: str, status: int) -> None:
    answer = desk.open(f"{path}?lang=en", method=method)

    assert answer.status_code == status
    assert "Check the address, or look in the list of requests." in answer.text
    assert 'href="/portal/caro"' in answer.text
    assert "your accounting office" not in answer.text
