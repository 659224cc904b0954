"""The two forms of the wizard: they parse and validate a POST; a macro draws them."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from functools import lru_cache

from flask_babel.speaklater import LazyString
from jinja2.utils import htmlsafe_json_dumps
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, StringField, ValidationError

from app.domain import cards
from app.domain.cards import Card, CardBrand, CardProblem, InvalidCard
from app.domain.expiry import expiry_months, parse_expiry, read_month
from app.domain.identifiers import group_digits_unbroken
from app.i18n import _, _l, override_locale, supported_language
from app.queries.activation_view import ActivationView
from app.services.consents import ConsentEvidence
from app.web.extensions import services
from app.wizard.refused_forms import RefusedForm
from app.wording import PROBLEMS

TICKED = "yes"

#: What the card page's script finds out by itself, once a field is left.
CHECKED_BY_SCRIPT = (
    CardProblem.NUMBER_SHORT,
    CardProblem.NUMBER_LONG,
    CardProblem.NUMBER_DEBIT,
    CardProblem.NUMBER_FOREIGN,
    CardProblem.NUMBER_CHECKSUM,
    CardProblem.EXPIRY_FORMAT,
    CardProblem.EXPIRY_PAST,
    CardProblem.EXPIRY_FAR,
    CardProblem.CODE_LENGTH,
)


class WelcomeProblem(StrEnum):
    """What can be missing on the welcome page."""

    REFERENCE_UNCONFIRMED = "reference_unconfirmed"
    TERMS_UNACCEPTED = "terms_unaccepted"


#: The sentence of each problem of the two forms, by its name: the forms themselves report names.
SENTENCES: Mapping[str, LazyString] = {
    **{problem.value: sentence for problem, sentence in PROBLEMS.items()},
    WelcomeProblem.REFERENCE_UNCONFIRMED: _l(
        "Confirm that the client reference is yours before you continue."
    ),
    WelcomeProblem.TERMS_UNACCEPTED: _l("Accept the conditions before you continue."),
}


class WelcomeForm(Form):
    """Two separate acts: this reference is mine, and I accept the conditions."""

    reference_confirmed = StringField()
    terms_accepted = StringField()
    terms_version = StringField()
    terms_language = StringField()
    labels_sha256 = StringField()

    @property
    def ticked(self) -> tuple[str, ...]:
        """The boxes that are ticked: whoever forgot one need not tick the other again."""
        return tuple(field.short_name for field in self if field.data == TICKED)

    def refused(self) -> RefusedForm:
        """Return what comes back."""
        return RefusedForm(_problem_names(self), self.ticked)

    def validate_reference_confirmed(self, field: Field) -> None:
        """Want the first box ticked."""
        _require_checked(field, WelcomeProblem.REFERENCE_UNCONFIRMED)

    def validate_terms_accepted(self, field: Field) -> None:
        """Want the second box ticked."""
        _require_checked(field, WelcomeProblem.TERMS_UNACCEPTED)


class CardForm(Form):
    """The card for the length of one request; only the expiry date is ever shown again."""

    card_number = StringField()
    expiry = StringField()
    security_code = StringField()

    def __init__(self, typed: "MultiDict[str, str]", today: date) -> None:
        super().__init__(typed)
        self._today = today
        self.parsed: dict[str, str] = {}

    def refused(self) -> RefusedForm:
        """Return what comes back; of what was typed only a month that was read, never its own digits."""
        typed = self.expiry.data or ""
        month = read_month(typed)
        # Digits alone that are no valid date may be a security code.
        is_date = "expiry" in self.parsed or not typed.strip().isdecimal()
        return RefusedForm(_problem_names(self), expiry=f"{month:%m/%y}" if month and is_date else "")

    @property
    def number(self) -> str:
        """The card number that was read; empty where none was."""
        return self.parsed.get("card_number", "")

    def to_card(self) -> Card:
        """Return the card; only after the form was found valid."""
        return Card(self.parsed["card_number"], self.parsed["expiry"], self.parsed["security_code"])

    def validate_card_number(self, field: Field) -> None:
        """Want a number that could be a card's."""
        self._parse_field(field, cards.parse_card_number)

    def validate_expiry(self, field: Field) -> None:
        """Want a month that is not over."""
        self._parse_field(field, lambda text: parse_expiry(text, self._today))

    def validate_security_code(self, field: Field) -> None:
        """Want as many digits as the brand prints, unless the card is refused as such."""
        brand = cards.typed_brand(self.card_number.data or "")
        if brand is CardBrand.MAESTRO or CardProblem.NUMBER_FOREIGN in self.card_number.errors:
            return
        self._parse_field(field, lambda text: cards.parse_security_code(text, brand))

    def _parse_field(self, field: Field, reading: Callable[[str], str]) -> None:
        with _as_field_error():
            self.parsed[field.short_name] = reading(field.data or "")


@contextmanager
def _as_field_error() -> Iterator[None]:
    try:
        yield
    except InvalidCard as error:
        # Nothing of what was typed follows the problem's name out.
        raise ValidationError(error.problem) from None


def _require_checked(field: Field, problem: WelcomeProblem) -> None:
    if field.data != TICKED:
        raise ValidationError(problem)


def _problem_names(form: Form) -> Mapping[str, str]:
    return {field.short_name: str(field.errors[0]) for field in form if field.errors}


def error_sentences(problems: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Return what each field says; a name that an older version of this program kept says nothing."""
    return {field: [str(SENTENCES[name])] for field, name in problems.items() if name in SENTENCES}


@lru_cache(maxsize=8)
def card_checks(today: date, _language: str) -> Mapping[str, object]:
    """Return what the card page's script needs to say the same as we: sentences, first and last month."""
    first, last = expiry_months(today)
    return {
        "sentences": htmlsafe_json_dumps(
            {problem.value: str(PROBLEMS[problem]) for problem in CHECKED_BY_SCRIPT},
            ensure_ascii=False,
            sort_keys=True,
        ),
        "months": {"data-first": f"{first:%y%m}", "data-last": f"{last:%y%m}"},
    }


def consent_labels(activation: ActivationView) -> tuple[str, str]:
    """Return the two sentences that are ticked, in the language of the page."""
    reference = group_digits_unbroken(activation.client_reference)
    return (
        _(
            "I confirm that the client reference %(reference)s is mine.",
            reference=reference,
        ),
        _("I have read the conditions and I accept them."),
    )


def labels_sha256(activation: ActivationView) -> str:
    """Return the SHA-256 of the two sentences, in hexadecimal and in the language of the page."""
    return hashlib.sha256("\n".join(consent_labels(activation)).encode()).hexdigest()


def consent_evidence(
    activation: ActivationView, version: str, language: str, labels_seen: str
) -> ConsentEvidence | None:
    """Return the evidence, or None where the page showed other conditions or sentences than today's."""
    spoken = supported_language(language)
    if version != services().settings.terms_version or spoken is None:
        return None
    with override_locale(spoken):
        if labels_seen != labels_sha256(activation):
            return None
    return ConsentEvidence(
        terms_version=version,
        language=spoken,
        terms_sha256=services().terms.current(spoken).sha256,
        labels_sha256=labels_seen,
    )
