"""The contract as an OpenAPI 3.1 document: made of the table of calls, its models and the table of errors."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

from flask import Flask
from flask_babel.speaklater import LazyString
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from app.i18n import override_locale
from app.qa.api.answers import ErrorAnswer
from app.qa.api.routes import CALLS, ApiCall
from app.qa.error_replies import SENTENCES
from app.qa.request_fields import FIELD_PROBLEMS

#: Its first number rises with each change that a program has to follow, its second with any other.
VERSION = "1.1"
ABOUT = """\
An office of its own for each test, requests that stand wherever a test begins, time that goes by, and a look
behind the pages. JSON in UTF-8 comes in and goes out; instants are in UTC. A field, a parameter or a method
that is not described here is refused, and all refusals have one shape. A word, a number of a card statement
or an address is understood as a person writes it, with blanks and signs between.

What can be wrong with a field, by its code:

"""
JSON = "application/json"
IDS = {
    "public_id": "The name of a request in addresses.",
    "mail_id": "The name of an email in addresses.",
}
#: The headers of a refusal by which a program finds its way on.
_HEADERS: Mapping[int, Any] = {
    401: {"WWW-Authenticate": {"description": "How the key is sent.", "schema": {"const": "Bearer"}}},
}
#: What any call may answer.
ALWAYS = (400, 408, 413, 500, 503)


class UntitledSchema(GenerateJsonSchema):
    """A field's title would repeat its name, and what may be left out has no value to send instead."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> Any:
        inner = self.generate_inner(schema["schema"])
        return inner if schema.get("default") in ("", None) else super().default_schema(schema)


@cache
def written_contract() -> str:
    """Return the document as it is kept and served."""
    return json.dumps(contract(), ensure_ascii=False, indent=2) + "\n"


def contract() -> dict[str, Any]:
    with Flask("app").app_context(), override_locale("en"):
        schemas = _schemas()
        paths: dict[str, Any] = {}
        for call in CALLS:
            path = call.path.replace("<", "{").replace(">", "}")
            paths.setdefault(path, {})[call.method.lower()] = _operation(call, schemas)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "The API for testers",
                "version": VERSION,
                "description": ABOUT + _listed(FIELD_PROBLEMS),
            },
            "servers": [{"url": "/qa/api"}],
            "security": [{"key": []}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "responses": {str(status): _refusal(status, codes) for status, codes in SENTENCES.items()},
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            },
        }


def answer_model(call: ApiCall) -> type[BaseModel] | None:
    """Return the model of what a call answers; None where it answers a file."""
    model = get_type_hints(call.view)["return"]
    return model if issubclass(model, BaseModel) else None


def _schemas() -> dict[str, Any]:
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ErrorAnswer, "serialization"): None}
    for call in CALLS:
        models[call.fields, "validation"] = None
        if model := answer_model(call):
            models[model, "serialization"] = None
    _names, written = models_json_schema(
        [*models],
        ref_template="#/components/schemas/{model}",
        schema_generator=UntitledSchema,
    )
    schemas: dict[str, Any] = written["$defs"]
    return schemas


def _operation(call: ApiCall, schemas: Mapping[str, Any]) -> dict[str, Any]:
    ids = [name for name in IDS if f"<{name}>" in call.path]
    statuses = {*ALWAYS, *_own_statuses(call), *([404] if ids else []), *([] if call.open else [401])}
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": str(call.summary),
        "parameters": [
            _parameter("path", name, {"type": "string", "description": IDS[name]}, required=True)
            for name in ids
        ],
        "responses": {
            str(call.status): _success(call),
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)},
        },
    }
    fields = schemas[call.fields.__name__]
    if call.method == "GET":
        parameters = fields.get("properties", {}).items()
        operation["parameters"] += [_parameter("query", name, schema) for name, schema in parameters]
    else:
        needed = "required" in fields or "oneOf" in fields
        operation["requestBody"] = {"required": needed, **_content(call.fields)}
    return operation | ({"security": []} if call.open else {})


def _own_statuses(call: ApiCall) -> tuple[int, ...]:
    """Return what a call answers besides, where it cannot be done as things stand."""
    if call.method == "GET":
        return ()
    return (415, 429) if call.open else (409, 415, 502)


def _parameter(place: str, name: str, schema: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    bare = {key: value for key, value in schema.items() if key != "description"}
    described = {"name": name, "in": place, "required": required, "description": schema["description"]}
    return {**described, "schema": bare}


def _success(call: ApiCall) -> dict[str, Any]:
    model = answer_model(call)
    if model is None:
        return {
            "description": "The file.",
            "content": {JSON if "json" in call.path else "message/rfc822": {}},
        }
    return {"description": str(model.__doc__), **_content(model)}


def _refusal(status: int, codes: Mapping[str, LazyString]) -> dict[str, Any]:
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    return {"description": _listed(codes), **headers, **_content(ErrorAnswer)}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"content": {JSON: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}}


def _listed(codes: Mapping[str, LazyString]) -> str:
    lines = "\n".join(f"- `{code}`: {sentence}" for code, sentence in codes.items())
    return lines.replace("%(known)s", "…")
