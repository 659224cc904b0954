"""The forms of the accountant's pages; what is wrong with a text, a rule of the domain tells."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import request
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs

from app.domain.banks import APP_BANKS, BANKS, Bank
from app.domain.cards import looks_like_card_number
from app.domain.order_rules import (
    ActionRefused,
    OrderProblem,
    OrderRequest,
    parse_card_account,
    parse_email_address,
    parse_order_reference,
)
from app.domain.telephones import parse_telephone
from app.domain.typed_text import visible_text
from app.i18n import LANGUAGES, _l
from app.models.office import LONGEST_NAME
from app.portal.people_wording import NEWS_CHOICES, NO_NAME, NO_NEWS_CHOICE, NO_ROLE, ROLE_RIGHTS
from app.services.orders import OrderOptions
from app.services.sign_in import InvalidEmailAddress, SignedInAccountant, normalize_address
from app.wording import ADDRESS_FAULTS, ORDER_PROBLEMS

#: WTForms shows a lazy sentence well, but its stubs know str alone.
_label = cast("Callable[[str], str]", _l)

BAD_TELEPHONE = _l("Enter a Belgian phone number, for example 02 012 34 56, or leave the field empty.")
INVALID_SIGN_IN_ADDRESS = _l("Enter your full email address, for example name@office.example.")
INVALID_COLLEAGUE_ADDRESS = _l(
    "Enter the full email address of your colleague, for example name@office.example."
)
UNKNOWN_DOSSIER = _l("Enter the full code of one of your dossiers.")
BANK_WITHOUT_CARO = _l("Choose one of the banks that offer CARO.")


def hide_card_number(text: str) -> str:
    """Return a text as it may be shown again: what looks like a card number never is."""
    return "" if looks_like_card_number(text) else text


#: Digits enough for a card, within one cell of a row; two letters glued to them make an account of them.
_LONG_NUMBER = re.compile(r"(\b[^\W\d_]{2})?\d(?:(?:[^\w\t;,\r\n+@%$€]|_){0,3}\d){12,}|\d{4}(?:,\d{4}){3}")


def hide_card_numbers(rows: str) -> str:
    """Return pasted rows as they may be shown again: what looks like a card number never is."""
    return _LONG_NUMBER.sub(lambda number: number[0] if number[1] else "", rows)


class TextField(StringField):
    """A text that is shown again as it was typed, whatever its rule made of it; a card number never is."""

    @property
    def text(self) -> str:
        """What was typed, or what a rule made of it; empty where nothing was."""
        return self.data or ""

    def _value(self) -> str:
        return hide_card_number(self.raw_data[0] if self.raw_data else self.text)


def follows(rule: Callable[[str], str]) -> Callable[[FlaskForm, Field], None]:
    """Return a validator that asks a rule of the domain and keeps what the rule made of the text."""

    def validate(_form: FlaskForm, field: Field) -> None:
        try:
            field.data = rule(field.data or "")
        except ActionRefused as refused:
            raise ValidationError(str(ORDER_PROBLEMS[refused.problem])) from None

    return validate


def is_chosen(field: SelectField) -> bool:
    """Tell whether one of the field's choices was made."""
    return any(selected for _value, _label, selected, _attributes in field.iter_choices())


def make_choices(names: Mapping[Any, Any]) -> list[Any]:
    """Return the choices of a field from their keys and names."""
    return [SelectChoice(key, name) for key, name in names.items()]


def needs_choice(sentence: LazyString) -> Callable[[FlaskForm, SelectField], None]:
    """Return a validator that takes nothing but a choice of the field; its own would speak for WTForms."""

    def validate(_form: FlaskForm, field: SelectField) -> None:
        if not is_chosen(field):
            raise ValidationError(str(sentence))

    return validate


def language_field(kind: type[SelectField]) -> SelectField:
    """Return the choice of the cardholder's language, as buttons or as a menu."""
    return kind(
        _label("Cardholder's language"),
        [needs_choice(ORDER_PROBLEMS[OrderProblem.BAD_LANGUAGE])],
        choices=make_choices(LANGUAGES),
        validate_choice=False,
    )


class PortalForm(FlaskForm):
    """A form whose constructor mypy knows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]


def _needs_address(sentence: LazyString) -> Callable[[FlaskForm, Field], None]:
    """Return a validator that takes nothing but an address; the sentence asks whose."""

    def validate(_form: FlaskForm, field: Field) -> None:
        try:
            field.data = normalize_address(field.data or "")
        except InvalidEmailAddress as bad:
            raise ValidationError(str(ADDRESS_FAULTS.get(bad.problem, sentence))) from None

    return validate


class SignInForm(PortalForm):
    """The address to which a link can go, and the page that follows."""

    email = TextField(_label("Email address"), [_needs_address(INVALID_SIGN_IN_ADDRESS)])
    next = HiddenField("")


def _require_name(_form: FlaskForm, field: Field) -> None:
    field.data = visible_text(field.data or "")[:LONGEST_NAME]
    if not field.data or looks_like_card_number(field.data):
        raise ValidationError(str(NO_NAME))


def _require_telephone(_form: FlaskForm, field: Field) -> None:
    if (field.data or "").strip() and parse_telephone(field.data) is None:
        raise ValidationError(str(BAD_TELEPHONE))


def _role_field() -> RadioField:
    return RadioField(
        _label("What may your colleague do?"),
        [needs_choice(NO_ROLE)],
        choices=make_choices(ROLE_RIGHTS),
        validate_choice=False,
    )


class RoleForm(PortalForm):
    """What a colleague may do."""

    role = _role_field()

    @property
    def first_error(self) -> str:
        """What is wrong, for a page on which the form is not shown."""
        return str(NO_ROLE)


class InvitationForm(PortalForm):
    """Somebody who is asked in; what is wrong is told in the order of the page."""

    email = TextField(_label("Email address of your colleague"), [_needs_address(INVALID_COLLEAGUE_ADDRESS)])
    name = TextField(_label("Name"), [_require_name])
    role = _role_field()


class NewsForm(PortalForm):
    """Which mails somebody wants."""

    news = RadioField(
        _label("Which emails do you want to receive?"),
        [needs_choice(NO_NEWS_CHOICE)],
        choices=make_choices(NEWS_CHOICES),
        validate_choice=False,
    )


class AccountForm(NewsForm):
    """What somebody chooses for themselves alone."""

    language = SelectField(
        _label("Language of my emails and of new requests"),
        [needs_choice(NO_NEWS_CHOICE)],
        choices=make_choices(LANGUAGES),
        validate_choice=False,
    )


class SettingsForm(PortalForm):
    """What holds for the whole office."""

    telephone = TextField(_label("Phone number of the office"), [_require_telephone])
    language = SelectField(
        _label("Language of the cardholder in a new request"),
        [needs_choice(ORDER_PROBLEMS[OrderProblem.BAD_LANGUAGE])],
        choices=make_choices({"-": _l("The language of whoever makes the request"), **LANGUAGES}),
        validate_choice=False,
    )
    news_for = SelectField(
        _label("Who is told by email of what happens with a request"),
        [needs_choice(NO_NEWS_CHOICE)],
        choices=make_choices(
            {"orderer": _l("Whoever made the request"), "everybody": _l("Everybody in the office")}
        ),
        validate_choice=False,
    )


class BankForm(PortalForm):
    """The banks at which something can be ordered for a dossier."""

    bank = RadioField(
        _label("Which bank issued the credit card?"),
        [needs_choice(ORDER_PROBLEMS[OrderProblem.BANK_NOT_OFFERED])],
        validate_choice=False,
    )

    def __init__(self, offer: OrderOptions, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bank.choices = make_choices({bank.key: bank.name for bank in offer.banks})

    @property
    def chosen_bank(self) -> Bank | None:
        """The bank that was chosen, None where it is not among the choices."""
        return BANKS[self.bank.data] if is_chosen(self.bank) else None


def selected_bank(offer: OrderOptions) -> str:
    """Return the bank that the address names; where there is only one, nobody has to choose it."""
    only = offer.banks[0].key if len(offer.banks) == 1 else ""
    return request.args.get("bank") or only


class OrderForm(BankForm):
    """An order; the IBAN is asked of those alone whose bank activates in its own app."""

    client_reference = TextField(_label("Client reference"), [follows(parse_order_reference)])
    iban = TextField(_label("IBAN of the card's account"), [follows(parse_card_account)])
    address = TextField(_label("Cardholder's email address"), [follows(parse_email_address)])
    language = language_field(RadioField)

    def __init__(self, offer: OrderOptions, **kwargs: Any) -> None:
        super().__init__(offer, **kwargs)
        if self.bank.data not in APP_BANKS:
            del self.iban

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Check the bank first: until one is chosen, its page has no other fields."""
        return self.bank.validate(self) and super().validate(extra_validators)

    def to_order_request(self, dossier_id: int, who: SignedInAccountant) -> OrderRequest:
        """Return the order of a valid form; who orders is whom the cardholder may ask."""
        return OrderRequest(
            dossier_id=dossier_id,
            accountant=who.email,
            actor=who.actor,
            bank=self.bank.data,
            client_reference=self.client_reference.text,
            iban=self.iban.text if self.iban else None,
            address=self.address.text,
            language=self.language.data,
        )

    def refuse(self, problem: OrderProblem) -> None:
        """Add what only the whole order can have wrong, at the field where it can be changed."""
        field = self.bank if problem is OrderProblem.BANK_NOT_OFFERED else self.client_reference
        field.errors = [str(ORDER_PROBLEMS[problem])]


class AnnouncementForm(BankForm):
    """What the mail that announces an invitation is about; it is read from the address."""

    client_reference = TextField(_label("Client reference"), [follows(parse_order_reference)])

    def __init__(self, offer: OrderOptions) -> None:
        super().__init__(offer, formdata=request.args, meta={"csrf": False})
        self.bank.data = selected_bank(offer)


class ActionForm(PortalForm):
    """What an action sends: the version of the request that was seen, and what else the action asks for."""

    seen = HiddenField("")
    address = TextField(_label("Cardholder's email address"), [follows(parse_email_address)])
    language = language_field(SelectField)

    def __init__(self, *, asks_address: bool, asks_language: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not asks_address:
            del self.address
        if not asks_language:
            del self.language

    @property
    def chosen_language(self) -> str:
        """The language that was chosen; empty where none is asked for."""
        return self.language.data if self.language else ""

    @property
    def first_error(self) -> str:
        """What is wrong first, for a page on which the form is not shown."""
        return next(str(error) for errors in self.errors.values() for error in errors)


class BulkActionForm(ActionForm):
    """What is done with many requests: the name of this one time, so that it is done once."""

    bulk_id = HiddenField("")

    def __init__(self, *, asks_language: bool) -> None:
        super().__init__(asks_address=False, asks_language=asks_language)


class PreviewForm(PortalForm):
    """What a preview is about; it is read from the address, and what that leaves out has a usual value."""

    dossier = TextField(_label("Dossier"))
    bank = SelectField(
        _label("Bank"),
        [needs_choice(BANK_WITHOUT_CARO)],
        choices=make_choices({key: bank.name for key, bank in BANKS.items()}),
        validate_choice=False,
    )
    reference = TextField(_label("Client reference"), [follows(parse_order_reference)])
    language = language_field(SelectField)

    def __init__(self, *, dossier_exists: bool, **kwargs: Any) -> None:
        super().__init__(meta={"csrf": False}, **kwargs)
        self._dossier_exists = dossier_exists

    def validate_dossier(self, _field: Field) -> None:
        """Want the code of a dossier of the office, or of the sample."""
        if not self._dossier_exists:
            raise ValidationError(str(UNKNOWN_DOSSIER))
