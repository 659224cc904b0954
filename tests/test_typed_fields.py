"""Every field that takes text understands a right value in any dress, and none was forgotten."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient
from wtforms import Form, HiddenField, StringField
from wtforms.form import BaseForm

from app.cli import caro
from app.cli.typed_arguments import ADDRESS, TYPED_TEXT
from app.paths import ROOT
from app.qa.request_fields import RequestFields, TypedText
from app.web.extensions import Services
from tests.support.disguises import DISGUISES, RIGHT
from tests.support.office import order_for
from tests.support.portal import sign_in
from tests.support.typed_fields import (
    CELLS,
    COMMAND_OPTIONS,
    FORM_FIELDS,
    HEADINGS,
    OFFICE_ARGUMENTS,
    PARAMETERS,
    TESTERS_FIELDS,
    Desk,
    TypedField,
)

FIELDS: Mapping[str, TypedField] = {
    f"{place}: {name}": field
    for place, fields in {
        "form": FORM_FIELDS,
        "parameter": PARAMETERS,
        "testers": TESTERS_FIELDS,
        "command line": COMMAND_OPTIONS,
        "offices set": OFFICE_ARGUMENTS,
        "cell": CELLS,
        "heading": HEADINGS,
    }.items()
    for name, field in fields.items()
}
#: What pages write into their own forms and addresses, and nobody types.
TICKS_AND_MARKS = {
    *("WelcomeForm.reference_confirmed", "WelcomeForm.terms_accepted", "WelcomeForm.terms_version"),
    *("WelcomeForm.terms_language", "WelcomeForm.labels_sha256"),
}
#: Beside a file, whose rows are cleaned cell by cell, pasted or not, and of an order for many.
OF_FILES = frozenset({"pasted", "language", "doubtful", "seen"})
WRITTEN_BY_PAGES = {
    *("after", "before", "state", "scene", "step", "what", "bank", "activation", "scenario", "decision"),
    *("request", "mode", "action", "incomplete", "lang", "message", "next", "all"),
}


@pytest.fixture
def desk(app: Flask, services: Services) -> Desk:
    """An accountant whose pages are not linted, so often are they fetched; one request is there."""
    services.orders.place_order(order_for())
    return Desk(app, services, sign_in(FlaskClient(app, app.response_class), services))


@pytest.mark.parametrize("name", FIELDS)
def test_a_right_value_is_understood_in_any_dress(desk: Desk, name: str) -> None:
    field = FIELDS[name]
    value = field.right or RIGHT[field.kind]
    with desk.app.test_request_context():
        right = field.read(desk, value)
        read = {disguise.name for disguise in DISGUISES if field.read(desk, disguise.dress(value)) == right}
    wanted = {disguise.name for disguise in DISGUISES if field.kind in disguise.read}

    assert right
    assert sorted(wanted - read) == []
    assert field.lenient or sorted(read - wanted) == []


def test_every_field_of_a_form_is_among_them() -> None:
    found = {f"{form.__name__}.{name}" for form in _forms() for name in _text_fields(form)}
    assert found == FORM_FIELDS.keys() | TICKS_AND_MARKS


def test_every_parameter_that_is_read_from_a_request_is_among_them() -> None:
    typed = {name.partition(",")[0].partition(" ")[2] for name in PARAMETERS}
    read = re.compile(r'request\.(?:args|form)(?:\.get\(|\[)"(\w+)"')
    texts = [path.read_text() for path in sorted((ROOT / "app").rglob("*.py"))]
    found = {name for text in texts for name in read.findall(text)}

    assert found - WRITTEN_BY_PAGES - OF_FILES - {"client_reference", "cookie"} <= typed
    assert not any(re.search(r"= request\.(?:args|form)\b(?!\.get|\.items|\[)", text) for text in texts)


def test_every_text_of_a_testers_call_is_among_them() -> None:
    texts = {
        f"{model.__name__}.{name}"
        for model in RequestFields.__subclasses__()
        for name, field in model.model_fields.items()
        if any(isinstance(rule, TypedText) for rule in field.metadata)
    }
    assert texts == TESTERS_FIELDS.keys()


def test_every_text_of_the_command_line_is_cleaned() -> None:
    options = dict(_options(caro))
    ordered, offices = caro.commands["order"], caro.commands["offices"]
    assert isinstance(offices, click.Group)
    fields = {ordered: COMMAND_OPTIONS, offices.commands["set"]: OFFICE_ARGUMENTS}

    plain = {name for name, kind in options.items() if isinstance(kind, click.types.StringParamType)}
    assert all(name.endswith(" host") for name in plain)
    for command, known in fields.items():
        assert {param.name for param in command.params if param.type in (ADDRESS, TYPED_TEXT)} == set(known)


def _options(group: click.Group) -> Iterator[tuple[str, object]]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from _options(command)
        yield from ((f"{command.name} {option.name}", option.type) for option in command.params)


def _forms(base: type[BaseForm] = Form) -> Iterator[type[BaseForm]]:
    for path in sorted((ROOT / "app").rglob("forms.py")):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for form in base.__subclasses__():
        yield from (form, *_forms(form))


def _text_fields(form: type[BaseForm]) -> Iterator[str]:
    """Yield the fields that a form adds itself and into which something is typed."""
    for name, field in vars(form).items():
        made = getattr(field, "field_class", None)
        if isinstance(made, type) and issubclass(made, StringField) and not issubclass(made, HiddenField):
            yield name


def test_forms_are_declared_where_they_are_looked_for() -> None:
    modules = [path for path in (ROOT / "app").rglob("*.py") if "import StringField" in path.read_text()]
    assert {Path(path).name for path in modules} <= {"forms.py"}
