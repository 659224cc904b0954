"""Calls that are generated from docs/openapi.json: each is answered as the contract says."""

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.qa.test_contract import CONTRACT
from tests.support.sandbox_client import SandboxClient

Values = st.SearchStrategy[Any]
OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in CONTRACT["paths"].items()
    for method, operation in operations.items()
]
#: Values of which some are of another type, or another word, than any field is.
WRONG: list[Any] = [None, 0.5, -1, True, "?", [], {}, [1]]
#: Few that are always the same, or as many as are wanted, which differ each time.
CALLS = int(os.environ.get("CARO_GENERATED_CALLS", "0"))
ROUNDS = settings(
    max_examples=CALLS or 60,
    deadline=None,
    derandomize=not CALLS,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def valid_values(schema: Mapping[str, Any]) -> Values:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "number":
        return st.floats(0, 4)
    shape = {"email": r"[a-z]{1,9}@client\.example"}.get(
        schema.get("format", ""), schema.get("pattern", r"\w+")
    )
    return st.from_regex(shape.strip("^$"), fullmatch=True)


def sent_schema(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what may be sent with a call, in its body or in its query."""
    if "requestBody" in operation:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema: dict[str, Any] = CONTRACT["components"]["schemas"][reference.rpartition("/")[2]]
        return schema
    query = [one for one in operation["parameters"] if one["in"] == "query"]
    return {"properties": {one["name"]: one["schema"] for one in query}}


@st.composite
def valid_fields(draw: st.DrawFn, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Draw fields that the contract allows."""
    properties, needed = schema.get("properties", {}), schema.get("required", [])
    if "oneOf" in schema:
        one_of = draw(st.sampled_from(schema["oneOf"]))
        [needed] = {tuple(draw(st.sampled_from(one_of.get("anyOf", [one_of])))["required"])}
        properties = {name: properties[name] for name in (*needed, "work")}
    optional = [name for name in properties if name not in needed]
    names = [*needed, *draw(st.lists(st.sampled_from(optional), unique=True))] if optional else needed
    if "scenario" in names:  # At which banks it can happen, the contract says in words alone.
        names = [name for name in names if name != "bank"]
    return {name: draw(valid_values(properties[name])) for name in names}


#: What a call is about: how the request was ordered, and for how many days it has waited.
REQUESTS: Mapping[str, tuple[dict[str, Any], int]] = {
    "invited": ({}, 0),
    "waiting": ({}, 2),
    "at the bank": ({"scenario": "link_in_progress"}, 0),
    "failed": ({"scenario": "prepaid", "reach": "page"}, 0),
    "active": ({"scenario": "success", "reach": "page"}, 0),
    "withdrawn": ({"scenario": "link_withdrawn", "reach": "page"}, 0),
}
UNKNOWN = "0" * 20


class Caller:
    """A tester who calls with what was drawn, about one of these requests or one that is not there."""

    def __init__(self, app: Flask) -> None:
        self.tester = SandboxClient(app)
        self.statuses = Counter[int]()

    def call(self, method: str, path: str, fields: dict[str, Any], about: str | None = None) -> TestResponse:
        where: dict[str, Any] = {"query_string": fields} if method == "GET" else {"json": fields}
        headers = {"Authorization": f"Bearer {self.tester.key}"}
        address = f"/qa/api{path.format(**self._names(about) if '{' in path else {})}"
        answer = self.tester.client.open(address, method=method, headers=headers, **where)
        self.statuses[answer.status_code] += 1
        return answer

    def _names(self, about: str | None) -> dict[str, str]:
        if about is None:
            return {"public_id": UNKNOWN, "mail_id": UNKNOWN}
        order, days = REQUESTS[about]
        public_id = self.tester.order(**order)["public_id"]
        if days:
            self.tester.do(public_id, "age", days=days)
        return {"public_id": public_id, "mail_id": self.tester.mails(kind="invitation")[-1]["id"]}


@pytest.fixture
def caller(app: Flask) -> Caller:
    return Caller(app)


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[f"{method} {path}" for method, path, _ in OPERATIONS]
)
def test_what_the_contract_allows_is_answered_as_it_says(
    caller: Caller, method: str, path: str, operation: Mapping[str, Any]
) -> None:
    subjects = [*REQUESTS, None] if "{" in path else [None]

    @settings(ROUNDS, max_examples=CALLS // len(OPERATIONS) // len(subjects) or 2)
    @given(st.data())
    def ask(subject: st.SearchStrategy[str | None], data: st.DataObject) -> None:
        about = data.draw(subject)
        answer = caller.call(method, path, data.draw(valid_fields(sent_schema(operation))), about)
        assert str(answer.status_code) in operation["responses"].keys() - {"400", "401", "413", "415", "500"}
        assert answer.mimetype in ("application/json", "message/rfc822")

    # Few calls are about any of them, and may meet none with which this can be done.
    for subject in map(st.just, subjects) if CALLS else [st.sampled_from(subjects)]:
        ask(subject)
    assert not CALLS or caller.statuses.keys() & {200, 201}


@ROUNDS
@given(st.data())
def test_what_it_does_not_allow_is_refused_by_name(caller: Caller, data: st.DataObject) -> None:
    method, path, operation = data.draw(st.sampled_from(OPERATIONS))
    schema = sent_schema(operation)
    fields = data.draw(valid_fields(schema))
    name = data.draw(st.sampled_from(["scenrio", *(fields if method == "POST" else ())]))
    kind = schema["properties"][name]["type"] if name in fields else ""
    wrong = data.draw(st.sampled_from([value for value in WRONG if not _fits(value, kind)]))
    refused = caller.call(method, path, {**fields, name: wrong if method == "POST" else "?"})
    assert refused.status_code == 400
    assert [problem["field"] for problem in refused.get_json()["error"]["fields"]] == [name]


def _fits(value: Any, kind: str) -> bool:
    return (kind == "boolean" and value is True) or (kind == "number" and value == 0.5)
