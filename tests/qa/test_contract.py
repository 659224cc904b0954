"""docs/openapi.json: fresh, served as it is kept, and complete: whatever is sent or answered is described."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.paths import API_CONTRACT
from app.qa.api.routes import CALLS
from app.qa.request_fields import FIELD_PROBLEMS
from tests.contract.document import written_contract
from tests.support.written_files import fail_on, first_difference

CONTRACT: dict[str, Any] = json.loads(API_CONTRACT.read_text())


def described_parts() -> Iterator[tuple[str, Any]]:
    """Yield every field, parameter and answer, with its name."""
    for name, schema in CONTRACT["components"]["schemas"].items():
        yield from ((f"{name}.{field}", part) for field, part in schema.get("properties", {}).items())
    for path, calls in CONTRACT["paths"].items():
        for method, call in calls.items():
            yield from ((f"{method} {path} {one['name']}", one) for one in call["parameters"])
            yield from ((f"{method} {path} {status}", one) for status, one in call["responses"].items())


def test_the_contract_is_fresh() -> None:
    difference = first_difference(API_CONTRACT.read_text(), written_contract())
    fail_on(difference and f"docs/openapi.json is stale, run 'make docs'; {difference}")


def test_it_is_served_as_it_is_kept(client: FlaskClient) -> None:
    answer = client.get("/qa/api/openapi.json")
    assert (answer.data, answer.mimetype) == (API_CONTRACT.read_bytes(), "application/json")


def test_every_call_is_in_it() -> None:
    documented = {(method.upper(), path) for path, calls in CONTRACT["paths"].items() for method in calls}
    assert documented == {(call.method, call.path.replace("<", "{").replace(">", "}")) for call in CALLS}
    assert len({call.name for call in CALLS}) == len(CALLS)


def test_every_part_is_described() -> None:
    assert [name for name, part in described_parts() if not {"description", "$ref"} & part.keys()] == []


@pytest.mark.parametrize("code", [*FIELD_PROBLEMS])
def test_every_fault_of_a_field_is_told(code: str) -> None:
    assert f"`{code}`" in CONTRACT["info"]["description"]
