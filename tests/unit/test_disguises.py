"""Any right value is read in any dress, and no other value ever passes for it."""

from collections.abc import Callable, Mapping
from functools import reduce

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.banks import find_bank
from app.domain.cards import CardBrand, InvalidCard, parse_card_number, parse_security_code
from app.domain.expiry import parse_expiry
from app.domain.identifiers import search_key
from app.domain.order_rules import ActionRefused, parse_account, parse_email_address, parse_order_reference
from app.domain.telephones import parse_telephone
from app.domain.typed_text import plain_text, visible_text
from app.tokens import InvalidToken, LinkClaims, TokenSigner
from tests.support.disguises import (
    DISGUISES,
    GROUPED,
    RIGHT,
    UNSEEN,
    Disguise,
    FieldKind,
    between,
    everywhere,
    in_digits,
)
from tests.unit.test_expiry import TODAY


def _bank_key(text: str) -> str:
    bank = find_bank(text)
    return bank.key if bank else ""


RULES: Mapping[FieldKind, Callable[[str], str | None]] = {
    FieldKind.CARD_NUMBER: parse_card_number,
    FieldKind.EXPIRY: lambda text: parse_expiry(text, TODAY),
    FieldKind.CODE: lambda text: parse_security_code(text, CardBrand.VISA),
    FieldKind.REFERENCE: parse_order_reference,
    FieldKind.IBAN: parse_account,
    FieldKind.ADDRESS: parse_email_address,
    FieldKind.TELEPHONE: parse_telephone,
    FieldKind.KEYWORD: _bank_key,
    FieldKind.SEARCH: search_key,
    FieldKind.NAME: visible_text,
}


def read(kind: FieldKind, text: str) -> str | None:
    """Return what a field of this kind reads; None where it refuses."""
    try:
        return RULES[kind](text)
    except (InvalidCard, ActionRefused):
        return None


@pytest.mark.parametrize("kind", FieldKind)
def test_every_disguise_has_its_outcome(kind: FieldKind) -> None:
    right = read(kind, RIGHT[kind])
    assert right
    wrong = {
        disguise.name: found
        for disguise in DISGUISES
        if ((found := read(kind, disguise.dress(RIGHT[kind]))) == right) is not (kind in disguise.read)
    }
    assert wrong == {}


def test_the_corpus_is_large_and_names_nothing_twice() -> None:
    assert len({disguise.name for disguise in DISGUISES}) == len(DISGUISES) > 100


def inner(kind: FieldKind) -> st.SearchStrategy[Callable[[str], str]]:
    """What can be done to a value itself."""
    signs = " -–\u00a0\u2009\u2212" if kind in GROUPED else ""
    scripts = [in_digits(zero) for zero in "0\u0660\u0966\uff10"]
    return st.sampled_from([*map(between, signs), *scripts])


def outer(kind: FieldKind) -> st.SearchStrategy[Callable[[str], str]]:
    """What can be put around a value that is dressed already."""
    frames = [disguise.dress for disguise in DISGUISES if kind in disguise.read and disguise.name in FRAMES]
    return st.sampled_from([*frames, *map(everywhere, "\u200b\u200e\u202e\ufeff\u00ad")])


FRAMES = (
    "guillemets",
    "apostrophes",
    "a brand",
    "space around",
    "ideographic space around",
    "a full stop behind",
)


@pytest.mark.parametrize("kind", FieldKind)
@given(data=st.data())
def test_any_combination_of_disguises_is_read(kind: FieldKind, data: st.DataObject) -> None:
    dresses = [data.draw(inner(kind)), *data.draw(st.lists(outer(kind), max_size=4))]

    text = reduce(lambda value, dress: dress(value), dresses, RIGHT[kind])

    assert read(kind, text) == read(kind, RIGHT[kind])


@given(data=st.data(), place=st.integers(0, 15), by=st.integers(1, 9))
def test_no_dress_lets_a_wrong_card_number_pass(data: st.DataObject, place: int, by: int) -> None:
    number = RIGHT[FieldKind.CARD_NUMBER]
    wrong = f"{number[:place]}{(int(number[place]) + by) % 10}{number[place + 1 :]}"
    dresses = [data.draw(inner(FieldKind.CARD_NUMBER)), *data.draw(st.lists(outer(FieldKind.CARD_NUMBER)))]

    assert read(FieldKind.CARD_NUMBER, reduce(lambda value, dress: dress(value), dresses, wrong)) is None


@given(st.text())
def test_any_text_is_read_or_refused_by_every_rule(text: str) -> None:
    for kind in FieldKind:
        read(kind, text)


@given(st.text())
def test_what_was_cleaned_once_is_clean(text: str) -> None:
    for clean in (visible_text, plain_text):
        assert clean(clean(text)) == clean(text)


SIGNER = TokenSigner(("only-for-tests-0123456789-abcdefghijklmnop",), "https://caro.example")
CLAIMS = LinkClaims("a-public-id", 1)
LINK = SIGNER.activation_url(CLAIMS)


@pytest.mark.parametrize("disguise", UNSEEN)
def test_a_link_is_read_in_what_cannot_be_seen(disguise: Disguise) -> None:
    token = LINK.rpartition("/")[2]
    assert SIGNER.read_link_token(disguise.dress(token)) == CLAIMS


@given(st.integers(0, 200), st.sampled_from("AbZ09_"), st.sampled_from("\u200b\u202e\u00a0 "))
def test_no_dress_lets_an_altered_link_pass(place: int, letter: str, mark: str) -> None:
    token = LINK.rpartition("/")[2]
    place %= len(token)
    altered = f"{token[:place]}{letter}{token[place + 1 :]}"
    assume(altered != token)
    with pytest.raises(InvalidToken):
        SIGNER.read_link_token(everywhere(mark)(altered))
