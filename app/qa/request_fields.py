"""What a tester may send with each call: read strictly from JSON, and as people type it from a form."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar

from flask_babel.speaklater import LazyString
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from werkzeug.datastructures import MultiDict

from app.domain.banks import BANKS
from app.domain.history import MailKind
from app.domain.order_rules import (
    ActionRefused,
    parse_email_address,
    parse_order_reference,
)
from app.domain.typed_text import fold_keyword, language_of, plain_text, visible_text
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, _l
from app.qa.return_replay import ReplayKind
from app.simulation.bank.transactions import InjectedFault
from app.simulation.scenarios import SCENARIOS
from app.simulation.testing import LONGEST, Milestone
from app.wording import ORDER_PROBLEMS

#: What can be wrong with a field, whoever sent it; `%(known)s` are the words that it may be.
FIELD_PROBLEMS: Mapping[str, LazyString] = {
    "unknown_field": _l("There is no such field here."),
    "missing": _l("This field is missing."),
    "given_twice": _l("This field stands here twice."),
    "not_a_text": _l("This is no text."),
    "not_a_number": _l("This is no number."),
    "not_true_or_false": _l("This is neither true nor false."),
    "not_one_of": _l("Choose one of these: %(known)s."),
    "out_of_range": _l("Time goes by forwards, and by at most %(days)s days in one step.", days=LONGEST.days),
    "not_together": _l("Choose either a time that goes by or a moment until which it goes by."),
    **{
        problem.value: sentence
        for problem, sentence in ORDER_PROBLEMS.items()
        if "reference" in problem or "address" in problem
    },
}
#: Where Pydantic found the fault itself; every other fault is raised under its own name.
_PYDANTIC_NAMES: Mapping[str, str] = {
    "extra_forbidden": "unknown_field",
    "string_type": "not_a_text",
    **dict.fromkeys(("float_type", "float_parsing"), "not_a_number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "not_true_or_false"),
    **dict.fromkeys(("greater_than_equal", "less_than_equal", "finite_number"), "out_of_range"),
}


class FieldProblem(BaseModel):
    """One field that cannot be read."""

    field: str = Field(description="Its name, as it was sent.")
    code: str = Field(description="What is wrong with it, as a word for programs.")
    sentence: str = Field(description="The same as a sentence, in the language of Accept-Language.")


class InvalidFields(Exception):
    """What was sent cannot be read, with all its faults; with none where it is not even an object."""

    def __init__(self, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class TypedText:
    """Reads a text by a rule of the domain, as every other field of the product does."""

    rule: Callable[[str], str]
    schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> Sequence[str]:
        """The words among which one chooses; none where it is any text."""
        words: Sequence[str] = self.schema.get("enum", ())
        return words

    def __get_pydantic_core_schema__(self, *_handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, *_handler: object) -> dict[str, Any]:
        return {"type": "string", **self.schema}

    def _read(self, typed: object) -> str:
        if not isinstance(typed, str):
            raise _fault("not_a_text")
        try:
            return self.rule(typed)
        except ActionRefused as refused:
            raise _fault(refused.problem.value) from None


def _fault(code: str, **context: str) -> PydanticCustomError:
    return PydanticCustomError(code, code, context)


def _one_of(words: Iterable[str], rule: Callable[[str], str] = fold_keyword) -> TypedText:
    """Take one of these words, however it is typed."""
    known = {rule(word): word for word in words}

    def read(typed: str) -> str:
        if (word := known.get(rule(typed))) is None:
            raise _fault("not_one_of", known=", ".join(known.values()))
        return word

    return TypedText(read, {"enum": [*known.values()]})


def _plain_number(typed: object) -> object:
    return plain_text(typed).replace(",", ".") if isinstance(typed, str) else typed


class RunGoal(StrEnum):
    """How far a request is brought."""

    START = "start"
    PAGE = "page"


_PLAIN = BeforeValidator(_plain_number)
_Days = Annotated[float, Field(ge=0, le=LONGEST / timedelta(days=1)), _PLAIN]
_Hours = Annotated[float, Field(ge=0, le=LONGEST / timedelta(hours=1)), _PLAIN]
_Minutes = Annotated[float, Field(ge=0, le=LONGEST / timedelta(minutes=1)), _PLAIN]
_Seconds = Annotated[float, Field(ge=0, le=LONGEST / timedelta(seconds=1)), _PLAIN]
_Address = Annotated[str, TypedText(parse_email_address, {"format": "email"})]
_Bank = Annotated[str, _one_of(BANKS)]
_Goal = Annotated[RunGoal, _one_of(RunGoal)]
_Language = Annotated[str, _one_of(LANGUAGES, language_of)]
_MailKind = Annotated[MailKind | None, _one_of(MailKind)]
_Milestone = Annotated[Milestone | None, _one_of(Milestone)]
_Person = Annotated[str, _one_of(("accountant", "colleague"))]
_Reference = Annotated[str, TypedText(parse_order_reference, {"pattern": "^[67][0-9]{9}$"})]
_Scenario = Annotated[str, _one_of(SCENARIOS)]
_SearchText = Annotated[str, TypedText(visible_text)]


class RequestFields(BaseModel):
    """The fields of one call; any other field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NoFields(RequestFields):
    """No fields at all."""


class OfficeFields(RequestFields):
    """What an office is opened with."""

    language: _Language = Field(DEFAULT_LANGUAGE, description="The language of its accountants.")


class SignInFields(RequestFields):
    """Who shall be signed in to the portal."""

    who: _Person = Field("accountant", description="Which of the two people of your office.")


class RunRequest(RequestFields):
    """What a tester orders; what is left out is made up."""

    bank: _Bank = Field("", description="The bank, one where the scenario can happen; left out, such a one.")
    language: _Language = Field(DEFAULT_LANGUAGE, description="The cardholder's language.")
    reference: _Reference = Field("", description="The client reference, also with signs between its digits.")
    address: _Address = Field("", description="The cardholder's email address.")
    scenario: _Scenario = Field("", description="The key of a scenario; left out, it stays an invitation.")
    reach: _Goal = Field(RunGoal.START, description="How far: where the scenario starts, or its last page.")

    @model_validator(mode="after")
    def _check_bank(self) -> Self:
        if self.bank and self.scenario:
            route = SCENARIOS[self.scenario].activation_route
            suitable = [key for key, bank in BANKS.items() if bank.route is route]
            if self.bank not in suitable:
                raise _fault("not_one_of", field="bank", known=", ".join(suitable))
        return self


_UNITS = ("days", "hours", "minutes", "seconds")
_ANY_UNIT: JsonDict = {"anyOf": [{"required": [unit]} for unit in _UNITS]}


class AgeFields(RequestFields):
    """How much time goes by, or until which moment."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["to"]}, _ANY_UNIT]})

    days: _Days = Field(0, description="Days; all units together are at most 400 days.")
    hours: _Hours = Field(0, description="Hours.")
    minutes: _Minutes = Field(0, description="Minutes.")
    seconds: _Seconds = Field(0, description="Seconds.")
    to: _Milestone = Field(None, description="The moment until which time goes by, in place of units.")
    work: bool = Field(True, description="Whether what falls due is done.")

    @property
    def duration(self) -> timedelta:
        """For how long time goes by."""
        return timedelta(days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds)

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        is_timed = not self.model_fields_set.isdisjoint(_UNITS)
        if is_timed == bool(self.to):
            raise _fault("not_together" if is_timed else "missing", field="to" if is_timed else "days")
        if self.duration > LONGEST:
            raise _fault("out_of_range", field=next(unit for unit in _UNITS if unit in self.model_fields_set))
        return self


class ReplaceFields(RequestFields):
    """Where the new link goes."""

    address: _Address = Field("", description="Another address; left out, the present one.")


class RelaunchFields(RequestFields):
    """Where the invitation goes."""

    address: _Address = Field(description="The cardholder's email address, which was erased.")


class FaultFields(RequestFields):
    """How the bank treats the request."""

    fault: Annotated[InjectedFault, _one_of(InjectedFault)] = Field(description="How the bank misbehaves.")


class ReplayFields(RequestFields):
    """How the bank's answer comes again."""

    what: Annotated[ReplayKind, _one_of(ReplayKind)] = Field(description="In which way it comes again.")
    cookie: bool = Field(False, description="Whether the browser has the cookie of the link.")


class MailFilter(RequestFields):
    """Which mails are wanted."""

    activation: _SearchText = Field("", description="Those about the request with this public_id.")
    to: _Address = Field("", description="Those to this address.")
    kind: _MailKind = Field(None, description="Those of this kind.")
    q: _SearchText = Field("", description="Those with all these words.")


Fields = TypeVar("Fields", bound=RequestFields)


def read_json(model: type[Fields], body: bytes, query: MultiDict[str, str]) -> Fields:
    """Read a JSON object strictly, beside which the address has no query; raise InvalidFields."""
    sent, twice = _load_object(body)
    problems = [_problem(name, "unknown_field") for name in query]
    problems += [_problem(name, "given_twice") for name in twice]
    return _read(lambda some: model.model_validate_json(json.dumps(some), strict=True), sent, problems)


def _load_object(body: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return a JSON object, and the names that stand in it twice; raise InvalidFields where it is none."""
    pairs: list[tuple[str, Any]] = []

    def note_pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs[:] = found  # those of the outermost object come last
        return dict(found)

    try:
        sent = json.loads(body or b"{}", object_pairs_hook=note_pairs)
    except (ValueError, RecursionError):
        raise InvalidFields from None
    if not isinstance(sent, dict):
        raise InvalidFields
    return sent, [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]


def read_query(model: type[Fields], query: MultiDict[str, str]) -> Fields:
    """Read the query of an address, in which no name stands twice; raise InvalidFields."""
    problems = [_problem(name, "given_twice") for name, values in query.lists() if len(values) > 1]
    return _read(model.model_validate_strings, query.to_dict(), problems)


def read_typed(model: type[Fields], typed: Mapping[str, str]) -> Fields:
    """Read what was typed into a form; raise InvalidFields."""
    return _read(model.model_validate_strings, dict(typed), [])


def _read(
    validate: Callable[[dict[str, Any]], Fields], sent: dict[str, Any], problems: list[FieldProblem]
) -> Fields:
    """Read the fields; raise InvalidFields with these problems and all others."""
    try:
        fields = validate(sent)
    except ValidationError as invalid:
        found = _list_problems(invalid)
        raise InvalidFields([*problems, *found, *_list_conflicts(found, validate, sent)]) from None
    if problems:
        raise InvalidFields(problems)
    return fields


def _list_conflicts(
    found: Sequence[FieldProblem], validate: Callable[[dict[str, Any]], Fields], sent: Mapping[str, Any]
) -> Iterator[FieldProblem]:
    """Yield what is wrong between fields: it shows once those that are wrong by themselves are left out."""
    wrong = {problem.field for problem in found}
    rest = {name: value for name, value in sent.items() if name not in wrong}
    try:
        validate(rest)
    except ValidationError as again:
        # What is missing may be what was left out.
        yield from (one for one in _list_problems(again) if one.field in rest)


def _list_problems(invalid: ValidationError) -> list[FieldProblem]:
    errors = invalid.errors(include_url=False, include_input=False)
    return [problem for error in errors for problem in _field_problems(error)]


def _field_problems(error: Any) -> Iterator[FieldProblem]:
    context = error.get("ctx", {})
    if names := [context["field"]] if "field" in context else error["loc"]:
        code = _PYDANTIC_NAMES.get(error["type"], error["type"])
        yield _problem(str(names[0]), code, context.get("known", ""))


def _problem(field: str, code: str, known: str = "") -> FieldProblem:
    return FieldProblem(field=field, code=code, sentence=str(FIELD_PROBLEMS[code]) % {"known": known})
