"""What Prometheus reads: well-formed, with closed sets of labels, and nothing of anybody."""

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.web.extensions import Services
from tests.support.office import ACCOUNTANT, ADDRESS, OFFICE, ORDER, REFERENCE

LABELS = {
    "caro_requests": {"label"},
    "caro_attempts": {"outcome", "failure"},
    "caro_mails": {"kind", "posting"},
    "caro_late_seconds": {"job"},
}


def read(client: FlaskClient) -> dict[tuple[str, tuple[str, ...]], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_new_request_is_counted(client: FlaskClient, services: Services) -> None:
    before = read(client)
    services.orders.place_order(ORDER)
    after = read(client)

    assert before.keys() == after.keys()
    assert {name: value - before[name] for name, value in after.items() if value != before[name]} == {
        ("caro_requests", ("invitation_sent",)): 1,
        ("caro_mails", ("invitation", "waiting")): 1,
    }


def test_labels_are_the_known_ones_and_say_what_is_measured(client: FlaskClient) -> None:
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}

    assert families.keys() == LABELS.keys()
    for name, labels in LABELS.items():
        assert families[name].documentation.endswith(".")
        assert {frozenset(sample.labels) for sample in families[name].samples} == {frozenset(labels)}


def test_nobody_is_named(client: FlaskClient, services: Services) -> None:
    public_id = services.orders.place_order(ORDER).public_id
    text = client.get("/metrics").text

    assert not [known for known in (public_id, OFFICE, ACCOUNTANT, ADDRESS, REFERENCE) if known in text]
