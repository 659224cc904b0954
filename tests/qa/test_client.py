"""The browser tests' client: its models and its commands are those of the contract."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from e2e.api import Command
from e2e.api_models import ActivationEvidence, ListedActivation, MailModel, OfficeModel, ServerModel
from tests.qa.test_contract import CONTRACT

#: By the name of its schema in the contract.
MODELS: Mapping[str, type[BaseModel]] = {
    "ServerAnswer": ServerModel,
    "OfficeAnswer": OfficeModel,
    "ListedActivationAnswer": ListedActivation,
    "ActivationAnswer": ActivationEvidence,
    "MailAnswer": MailModel,
}


def resolve(part: Any, document: Any) -> Any:
    """Follow a reference within a document."""
    for step in part.get("$ref", "#").split("/")[1:]:
        part = document = document[step]
    return part


def misfits(name: str, read: Any, mine: Any, answered: Any) -> Iterator[str]:
    """Yield what a model reads and the contract does not answer, or answers as another kind."""
    read, answered = resolve(read, mine), resolve(answered, CONTRACT)
    for field, kind in read.get("properties", {}).items():
        if field in answered.get("required", ()):
            yield from misfits(f"{name}.{field}", kind, mine, answered["properties"][field])
        else:
            yield f"{name}.{field}"
    for key in ("items", "additionalProperties"):
        if isinstance(read.get(key), dict):
            yield from misfits(f"{name}.{key}", read[key], mine, answered.get(key, {}))
    for index, choice in enumerate(read.get("anyOf", ())):
        others = answered.get("anyOf", ())
        yield from misfits(f"{name}.{index}", choice, mine, others[index] if index < len(others) else {})
    if any(read.get(key) != answered.get(key) for key in ("type", "enum", "format")):
        yield name


@pytest.mark.parametrize("name", MODELS)
def test_a_model_reads_what_the_contract_answers(name: str) -> None:
    read = MODELS[name].model_json_schema(mode="serialization")
    assert list(misfits(name, read, read, CONTRACT["components"]["schemas"][name])) == []


class OtherServer(ServerModel):
    """What the server does not answer."""

    now: str  # type: ignore[assignment]
    weather: str


def test_a_model_that_reads_something_else_is_found() -> None:
    read = OtherServer.model_json_schema(mode="serialization")
    found = misfits("server", read, read, CONTRACT["components"]["schemas"]["ServerAnswer"])
    assert list(found) == ["server.now", "server.weather"]


def test_each_command_of_the_client_is_a_call() -> None:
    commands = {f"/activations/{{public_id}}/{command}" for command in get_args(Command)}
    assert commands <= CONTRACT["paths"].keys()
