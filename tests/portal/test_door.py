"""The door: nobody passes without a session."""

from flask.testing import FlaskClient


def test_an_accountant_who_signed_in_sees_the_list(desk: FlaskClient) -> None:
    assert desk.get("/portal/caro").status_code == 200


def test_a_stranger_is_led_to_the_sign_in_page(client: FlaskClient) -> None:
    answer = client.get("/portal/caro")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/portal/sign-in"
