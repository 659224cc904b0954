"""The two forms of the wizard: they parse and validate a POST; a macro draws them."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, StringField, ValidationError

from app.domain import cards
from app.domain.cards import Card, CardBrand, InvalidCard
from app.domain.expiry import may_show_expiry, parse_expiry
from app.domain.identifiers import group_digits_unbroken
from app.i18n import _, _l, override_locale, supported_language
from app.queries.activation_view import ActivationView
from app.services.consents import ConsentEvidence
from app.web import terms
from app.wording import PROBLEMS

TICKED = "yes"

REFERENCE_UNCONFIRMED = _l("Confirm that the client reference is yours before you continue.")
TERMS_UNACCEPTED = _l("Accept the conditions before you continue.")


class WelcomeForm(Form):
    """Two separate acts: this reference is mine, and I accept the conditions."""

    reference_confirmed = StringField()
    terms_accepted = StringField()
    terms_version = StringField()
    terms_language = StringField()
    labels_sha256 = StringField()

    def checked_boxes(self) -> frozenset[str]:
        """Return the boxes that are ticked: whoever forgot one need not tick the other again."""
        return frozenset(field.short_name for field in self if field.data == TICKED)

    def validate_reference_confirmed(self, field: Field) -> None:
        """Want the first box ticked."""
        _require_checked(field, REFERENCE_UNCONFIRMED)

    def validate_terms_accepted(self, field: Field) -> None:
        """Want the second box ticked."""
        _require_checked(field, TERMS_UNACCEPTED)


class CardForm(Form):
    """The card for the length of one request; only the expiry date is ever shown again."""

    card_number = StringField()
    expiry = StringField()
    security_code = StringField()

    def __init__(self, typed: "MultiDict[str, str]", today: date) -> None:
        super().__init__(typed)
        self._today = today
        self.parsed: dict[str, str] = {}

    def redisplayed_expiry(self) -> str:
        """Return the expiry date as it was typed, or nothing where it could be something secret."""
        typed: str = self.expiry.data or ""
        return typed if may_show_expiry(typed) else ""

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
        """Want as many digits as the brand prints; a debit card is refused as such and may have no code."""
        brand = cards.typed_brand(self.card_number.data or "")
        if brand is CardBrand.MAESTRO:
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
        # Nothing of what was typed follows the sentence out.
        raise ValidationError(str(PROBLEMS[error.problem])) from None


def _require_checked(field: Field, sentence: LazyString) -> None:
    if field.data != TICKED:
        raise ValidationError(str(sentence))


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
    if version != terms.CURRENT or spoken is None:
        return None
    with override_locale(spoken):
        if labels_seen != labels_sha256(activation):
            return None
    return ConsentEvidence(
        terms_version=version,
        language=spoken,
        terms_sha256=terms.terms_sha256(spoken),
        labels_sha256=labels_seen,
    )
