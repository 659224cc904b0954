"""Signed values: which strings are ours, for which purpose, under which key."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tokens import InvalidToken, LinkClaims, TokenSigner, is_transaction_id

OLD, NEW, NEWEST = (f"{name}-0123456789-abcdefghijklmnopqrst" for name in ("old", "new", "newest"))
PUBLIC_URL = "https://caro.example.be"
WHO = LinkClaims("0b5f3c9a-2d47-4a55-9a51-6f2f3c1d7e88", 3)
TRANSACTION = "9f1c7d6e-3b2a-4c5d-8e9f-0a1b2c3d4e5f"
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)


def links(*keys: str) -> TokenSigner:
    return TokenSigner(keys or (NEW,), PUBLIC_URL)


def token(made_by: TokenSigner, who: LinkClaims = WHO) -> str:
    return made_by.activation_url(who).removeprefix(f"{PUBLIC_URL}/a/")


OURS = links()
TOKEN = token(OURS)

Read = Callable[[str], object]

READERS: dict[str, tuple[str, Read]] = {
    "link": (TOKEN, OURS.read_link_token),
    "cookie": (OURS.sign_link_cookie(WHO), OURS.read_link_cookie),
    "attempt": (OURS.sign_attempt_handle(TRANSACTION), OURS.read_attempt_handle),
}


def refused(read: Read, value: str) -> bool:
    try:
        read(value)
    except InvalidToken:
        return True
    return False


@given(st.uuids(), st.integers(1, 10**6))
def test_link_names_whom_it_is_for(public_id: object, generation: int) -> None:
    who = LinkClaims(str(public_id), generation)
    assert OURS.read_link_token(token(OURS, who)) == who
    assert OURS.read_link_cookie(OURS.sign_link_cookie(who)) == who


@given(st.uuids())
def test_handle_names_its_short_transaction(transaction: object) -> None:
    handle = OURS.sign_attempt_handle(str(transaction))
    assert OURS.read_attempt_handle(handle) == str(transaction)
    assert len(handle) < 512
    assert handle.isascii()


def test_each_mint_is_the_same() -> None:
    assert {token(links()) for _ in range(5)} == {TOKEN}
    assert OURS.activation_url(WHO) == f"{PUBLIC_URL}/a/{TOKEN}"


@given(st.integers(0, len(TOKEN) - 1), PRINTABLE)
def test_changed_link_is_refused_or_same(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert refused(OURS.read_link_token, changed) or OURS.read_link_token(changed) == WHO


@given(st.integers(0, len(TOKEN)), st.one_of(PRINTABLE, st.characters()))
def test_lengthened_link_is_refused_or_same(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place:]
    assert refused(OURS.read_link_token, changed) or OURS.read_link_token(changed) == WHO


def test_changed_identity_is_always_refused() -> None:
    payload, signature = TOKEN.split(".")
    other = token(OURS, LinkClaims(WHO.public_id, WHO.generation + 1)).split(".")[0]
    assert refused(OURS.read_link_token, f"{other}.{signature}")
    assert all(refused(OURS.read_link_token, f"{payload[:cut]}.{signature}") for cut in range(len(payload)))


def test_truncated_link_is_refused() -> None:
    assert all(refused(OURS.read_link_token, TOKEN[:length]) for length in range(len(TOKEN)))


@pytest.mark.parametrize(
    "value",
    [
        f"{TOKEN} ",
        f" {TOKEN}",
        f"{TOKEN}\n",
        f"{TOKEN}\r\n",
        f"{TOKEN}\0",
        f"{TOKEN}\u200b",
        f"{TOKEN[:40]}\n{TOKEN[40:]}",
        TOKEN.upper(),
        TOKEN.lower(),
        f"{TOKEN}==",
        f"{TOKEN}.",
        f".{TOKEN}",
        f"{TOKEN}.{TOKEN}",
        f"{TOKEN}/",
        f"<{TOKEN}>",
        TOKEN.replace(".", "%2E"),
        "",
        ".",
        "=",
        "a.b",
        "a" * 5_000,
        f"{'a' * 2_500}.{'b' * 2_499}",
        TOKEN + "a" * 5_000,
        "٠.٠",
        "../../etc/passwd",
    ],
)
@pytest.mark.parametrize("purpose", ["cookie", "attempt"])
def test_mangled_values_are_refused(purpose: str, value: str) -> None:
    assert refused(READERS[purpose][1], value)


def test_padded_link_still_works() -> None:
    assert OURS.read_link_token(f"{TOKEN}=") == WHO


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    assert all(refused(read, text) for _, read in READERS.values())


@pytest.mark.parametrize(("made_for", "read_as"), product(READERS, READERS))
def test_values_serve_one_purpose(made_for: str, read_as: str) -> None:
    value, read = READERS[made_for][0], READERS[read_as][1]
    assert refused(read, value) == (made_for != read_as)


def test_newest_key_signs() -> None:
    assert token(links(NEWEST, NEW, OLD)) == token(links(NEWEST)) != token(links(NEW))


@pytest.mark.parametrize("key", [OLD, NEW, NEWEST])
def test_older_keys_are_still_read(key: str) -> None:
    rotated = links(NEWEST, NEW, OLD)
    assert rotated.read_link_token(token(links(key))) == WHO
    assert rotated.read_link_cookie(links(key).sign_link_cookie(WHO)) == WHO
    assert rotated.read_attempt_handle(links(key).sign_attempt_handle(TRANSACTION)) == TRANSACTION


def test_dropped_key_is_refused() -> None:
    rotated, dropped = links(NEWEST, NEW), links(OLD)
    assert refused(rotated.read_link_token, token(dropped))
    assert refused(rotated.read_link_cookie, dropped.sign_link_cookie(WHO))
    assert refused(rotated.read_attempt_handle, dropped.sign_attempt_handle(TRANSACTION))


def test_signed_nonsense_is_no_transaction() -> None:
    assert refused(OURS.read_attempt_handle, OURS.sign_attempt_handle("not a transaction"))
    assert refused(OURS.read_attempt_handle, OURS.sign_attempt_handle(TRANSACTION.upper()))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (TRANSACTION, True),
        ("4b6d7bde-6ce7-4bc6-b30b-2f6e9f0f49f0", True),
        (TRANSACTION.upper(), False),
        (TRANSACTION.replace("-", ""), False),
        (f"{{{TRANSACTION}}}", False),
        (f"urn:uuid:{TRANSACTION}", False),
        (f"{TRANSACTION}\n", False),
        ("", False),
        ("٩" * 32, False),
        ("x" * 10_000, False),
    ],
)
def test_only_canonical_transactions_are_known(text: str, known: bool) -> None:
    assert is_transaction_id(text) is known
