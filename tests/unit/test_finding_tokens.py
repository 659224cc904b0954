"""A link's token is found inside whatever a mail program made of it, and only if no letter is changed."""

import re
import string
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.typed_text import plain_text
from app.tokens import InvalidToken, LinkClaims, TokenSigner, find_tokens
from tests.support.mailed_links import BROKEN, DRESSES, dress

PUBLIC_URL = "https://caro.example.be"
LETTERS = string.ascii_letters + string.digits + "_-"
WHO, OTHER = LinkClaims("0123456789abcdef01234567", 1), LinkClaims("fedcba9876543210fedcba98", 12)
VISIT, OTHER_VISIT = "51f3d37c4f13caf62b91fe8ca6593db2", "07b2e8d45a1c96f3e0b7d2584c6a19fe"
OURS = TokenSigner(("only-for-tests-0123456789-abcdefghijklmnop",), PUBLIC_URL)

Found = LinkClaims | str
Read = Callable[[str], Found]


def sign_in_identity(text: str) -> str:
    return OURS.find_sign_in(text)[1]


def minted(url: str) -> str:
    return url.rpartition("/")[2]


TOKEN, OTHER_TOKEN = minted(OURS.activation_url(WHO)), minted(OURS.activation_url(OTHER))
SIGN_IN, OTHER_SIGN_IN = minted(OURS.sign_in_url(VISIT)), minted(OURS.sign_in_url(OTHER_VISIT))
#: By kind: how it is read, and the tokens with whom they are for.
KINDS: dict[str, tuple[Read, dict[str, Found]]] = {
    "link": (OURS.read_link_token, {TOKEN: WHO, OTHER_TOKEN: OTHER}),
    "sign-in link": (sign_in_identity, {SIGN_IN: VISIT, OTHER_SIGN_IN: OTHER_VISIT}),
}
EACH_KIND = pytest.mark.parametrize(("read", "tokens"), KINDS.values(), ids=KINDS)

#: A per cent sign before letters would spell another character, and then it is no noise.
NOISE = st.text(st.characters(exclude_characters=f"{LETTERS}.%", exclude_categories=["Cs"]), max_size=5)
BETWEEN = NOISE.filter(bool)
WORDS = st.lists(
    st.sampled_from(["https://caro.example.be/a/", "utm_source", "mail", "a.b", "-"]), max_size=3
)


def encoded(text: str, times: int) -> str:
    """Encode as a gateway does that is too careful."""
    for _ in range(times):
        text = quote(text, safe="")
    return text


def opened(read: Read, text: str) -> Found | None:
    try:
        return read(text)
    except InvalidToken:
        return None


def without_noise(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.\-]", "", text)


@pytest.mark.parametrize("pattern", DRESSES.values(), ids=DRESSES)
@EACH_KIND
def test_right_link_opens_in_each_dress(read: Read, tokens: dict[str, Found], pattern: str) -> None:
    assert [read(dress(token, pattern)) for token in tokens] == list(tokens.values())


@pytest.mark.parametrize("pattern", BROKEN.values(), ids=BROKEN)
@EACH_KIND
def test_broken_link_never_opens(read: Read, tokens: dict[str, Found], pattern: str) -> None:
    assert [opened(read, dress(token, pattern)) for token in tokens] == [None, None]


@EACH_KIND
@given(data=st.data())
def test_right_link_opens_in_any_noise(read: Read, tokens: dict[str, Found], data: st.DataObject) -> None:
    token = data.draw(st.sampled_from(list(tokens)))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(token) - 1), max_size=6)))
    parts = [token[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    folded = parts[0] + "".join(data.draw(BETWEEN) + part for part in parts[1:])
    before = "".join(word + data.draw(BETWEEN) for word in data.draw(WORDS))
    front = data.draw(st.sampled_from(["", "=3D"]))
    behind = data.draw(st.text(".-", max_size=3))
    after = "".join(data.draw(BETWEEN) + word for word in data.draw(WORDS))
    text = f"{data.draw(NOISE)}{before}{front}{folded}{behind}{after}{data.draw(NOISE)}"

    assert read(encoded(text, data.draw(st.integers(0, 2)))) == tokens[token]


@EACH_KIND
@given(data=st.data())
def test_changed_letter_opens_nothing(read: Read, tokens: dict[str, Found], data: st.DataObject) -> None:
    token = data.draw(st.sampled_from(list(tokens)))
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(LETTERS).filter(lambda letter: letter != token[place]))
    changed = token[:place] + letter + token[place + 1 :]

    assert opened(read, changed) is None
    assert opened(read, dress(changed, data.draw(st.sampled_from(list(DRESSES.values()))))) is None


@EACH_KIND
@given(data=st.data())
def test_missing_or_added_letter_opens_nothing(
    read: Read, tokens: dict[str, Found], data: st.DataObject
) -> None:
    token = data.draw(st.sampled_from(list(tokens)))
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(LETTERS.rstrip("-")))

    assert opened(read, token[:place] + token[place + 1 :]) is None
    added = token[:place] + letter + token[place:]
    # A letter behind the whole token is glued to it, and changes nothing.
    assert opened(read, added) is None or added.startswith(token)


@EACH_KIND
@given(data=st.data())
def test_whatever_opens_holds_the_whole_token(
    read: Read, tokens: dict[str, Found], data: st.DataObject
) -> None:
    ends = st.integers(0, len(TOKEN))
    pieces = st.builds(lambda token, start, end: token[start:end], st.sampled_from(list(tokens)), ends, ends)
    text = "".join(data.draw(st.lists(st.one_of(pieces, pieces, NOISE, st.sampled_from(".-x")), max_size=8)))
    found = opened(read, text)

    assert found is None or any(
        found == who and (token in without_noise(text) or token in without_noise(plain_text(text)))
        for token, who in tokens.items()
    )


@EACH_KIND
def test_payload_and_signature_of_two_links_open_nothing(read: Read, tokens: dict[str, Found]) -> None:
    (payload, signature), (other_payload, other_signature) = (token.split(".") for token in tokens)

    for mixed in (f"{payload}.{other_signature}", f"{other_payload}.{signature}"):
        assert all(opened(read, dress(mixed, pattern)) is None for pattern in DRESSES.values())


@EACH_KIND
def test_of_two_links_the_first_is_read(read: Read, tokens: dict[str, Found]) -> None:
    first, second = tokens

    assert read(f"{first} {second}") == read(f"{first}https://caro.example.be/a/{first}") == tokens[first]
    assert read(f"{second} {first}") == tokens[second]


def test_a_bad_link_does_not_hide_the_good_one_behind_it() -> None:
    assert OURS.read_link_token(f"x{TOKEN} {OTHER_TOKEN}") == OTHER


def test_found_sign_in_link_is_the_one_that_was_sent() -> None:
    assert OURS.find_sign_in(f"<{SIGN_IN[:60]}=\r\n{SIGN_IN[60:]}>.") == (SIGN_IN, VISIT)


def test_clean_link_is_verified_once() -> None:
    for token in (TOKEN, SIGN_IN):
        assert list(find_tokens(f"{token}?utm_source=mail")) == [token]


@pytest.mark.parametrize(("parts", "opens"), [(1, True), (16, True), (17, False)])
def test_sixteen_readings_are_tried_and_no_more(parts: int, opens: bool) -> None:
    folded = " ".join([*TOKEN[: parts - 1], TOKEN[parts - 1 :]])

    assert opened(OURS.read_link_token, folded) == (WHO if opens else None)


def test_two_kilobytes_are_read_and_no_more() -> None:
    noise = " " * (2_048 - len(TOKEN))

    assert opened(OURS.read_link_token, f"{noise}{TOKEN}, and more") == WHO
    assert opened(OURS.read_link_token, f"{noise} {TOKEN}") is None


@pytest.mark.parametrize("end", sorted(set(LETTERS) - set("AEIMQUYcgkosw048")))
def test_last_letter_that_spells_the_same_bytes_is_no_other_link(end: str) -> None:
    # Such an end would decode to the same bytes as another letter: a changed link could pass.
    assert opened(OURS.read_link_token, TOKEN[:-1] + end) is None
