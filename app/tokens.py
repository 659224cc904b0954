"""Signed values: the activation link, its cookie, the handle that travels to the bank, a page's message.

A signature proves that we made the value; whether it is still good is decided by the row.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from ipaddress import IPv6Address, IPv6Network
from itertools import islice
from urllib.parse import unquote
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from app.domain.message_rules import OfficeMessage
from app.domain.typed_text import plain_text

_LONGEST = 300
_SHAPE = re.compile(r"[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+=?")

#: What is read of a link that came, and how many readings of it are tried.
_MOST_CHARACTERS, _MOST_READINGS = 2048, 16
#: What a mail program puts around and into a token: no character of which one is made.
_NOISE = r"[^A-Za-z0-9_.\-]"
#: SHA-256 in base64url: 43 letters, the last of four bits. Whatever is glued behind is none of it.
_SIGNATURE = re.compile(rf"\.(?:{_NOISE}*[A-Za-z0-9_\-]){{42}}{_NOISE}*[AEIMQUYcgkosw048]")
#: What comes into a handle on its way: padding, also as quoted-printable writes it, blanks and line ends.
_HANDLE_NOISE = re.compile(r"=3[Dd]|[^A-Za-z0-9_\-]")
#: A full stop, a dash or an underscore as quoted-printable writes it.
_QUOTED_PRINTABLE = re.compile("=(2[DEde]|5[Ff])")
#: Where a payload can begin: behind noise, or behind what quoted-printable left of an equals sign.
_BEGINNING = re.compile(r"(?:(?<![A-Za-z0-9_\-])|(?<==3[Dd]))(?=[A-Za-z0-9_\-])")


_PURPOSES = (
    *("activation-link", "activation-cookie", "attempt", "sign-in", "office-message"),
    *("colleague-invitation", "known-browser", "news"),
)


class InvalidToken(Exception):
    """The value is incomplete, altered, of another purpose, or was never made by us."""


@dataclass(frozen=True)
class LinkClaims:
    """Whom a link is for, and of which generation it is."""

    public_id: str
    generation: int


@dataclass(frozen=True)
class MessageClaims:
    """Which message to the office a page may send, about which activation and generation, and until when."""

    link: LinkClaims
    message: OfficeMessage
    expires_at: datetime


class TokenSigner:
    """Make and read the signed values; each purpose has a salt of its own."""

    def __init__(self, keys: Sequence[str], public_url: str) -> None:
        """Sign with the first key and accept all; `keys` are newest first."""
        self._public_url = public_url
        self._network_key = keys[0].encode()
        self._link, self._cookie, self._attempt, self._sign_in, self._message, *others = (
            _create_serializer(keys, purpose) for purpose in _PURPOSES
        )
        self._invitation, self._browser, self._news = others

    def mark_network(self, address: str) -> str:
        """Return a mark that tells the networks of clients apart and names none; IPv6 counts by its /64."""
        return _mark_network(self._network_key, address)

    def activation_url(self, identity: LinkClaims) -> str:
        """Return the activation link; the same at each mint, on the configured address alone."""
        return f"{self._public_url}/a/{_sign_claims(self._link, identity)}"

    def read_link_token(self, text: str) -> LinkClaims:
        """Return whom the link is for whose token the text holds; raise InvalidToken."""
        return _parse_claims(_find(self._link, text)[1])

    def sign_link_cookie(self, identity: LinkClaims) -> str:
        """Return the value of the cookie that stands for the link while the wizard is walked."""
        return _sign_claims(self._cookie, identity)

    def read_link_cookie(self, value: str) -> LinkClaims:
        """Return whom the cookie is for; raise InvalidToken."""
        return _parse_claims(_read_claims(self._cookie, value))

    def sign_attempt_handle(self, transaction: str) -> str:
        """Return the handle sent as threeDSSessionData: base64url, under 512 of its 1024 characters."""
        signed = str(self._attempt.dumps(transaction))
        return base64.urlsafe_b64encode(signed.encode()).rstrip(b"=").decode()

    def read_attempt_handle(self, handle: str) -> str:
        """Return the transaction that a handle came back for; raise InvalidToken."""
        transaction = _read_claims(self._attempt, _decode_handle(handle))
        if not isinstance(transaction, str) or not is_transaction_id(transaction):
            raise InvalidToken
        return transaction

    def find_attempt(self, handle: str) -> str | None:
        """Return the transaction that a handle came back for; None where we never made the handle."""
        with suppress(InvalidToken):
            return self.read_attempt_handle(handle)
        return None

    def sign_in_url(self, public_id: str) -> str:
        """Return the one-time link with which an accountant signs in."""
        return f"{self._public_url}/portal/sign-in/{self._sign_in.dumps(public_id)}"

    def invitation_url(self, public_id: str) -> str:
        """Return the link with which a colleague accepts an invitation; it comes in by the same door."""
        return f"{self._public_url}/portal/sign-in/{self._invitation.dumps(public_id)}"

    def find_sign_in(self, text: str) -> tuple[str, str]:
        """Return the token of a sign-in link as it was mailed, and its public id; raise InvalidToken."""
        return _find_public_id(self._sign_in, text)

    def find_invitation(self, text: str) -> tuple[str, str]:
        """Return the token of a colleague's invitation, and its public id; raise InvalidToken."""
        return _find_public_id(self._invitation, text)

    def news_url(self, accountant_id: int) -> str:
        """Return the link with which a mail lets its reader choose which mails they want."""
        return f"{self._public_url}/portal/news/{self._news.dumps(accountant_id)}"

    def read_news_token(self, token: str) -> int:
        """Return whose choice a link changes; raise InvalidToken."""
        accountant_id = _find(self._news, token)[1]
        if not isinstance(accountant_id, int):
            raise InvalidToken
        return accountant_id

    def sign_known_browser(self, accountants: Sequence[int]) -> str:
        """Return the value of the cookie that says who has signed in with a browser before."""
        return str(self._browser.dumps(list(accountants)))

    def read_known_browser(self, value: str) -> tuple[int, ...]:
        """Return who has signed in before with the browser that brings such a cookie."""
        with suppress(InvalidToken):
            found = _read_claims(self._browser, value)
            if isinstance(found, list):
                return tuple(number for number in found if isinstance(number, int))
        return ()

    def sign_office_message(self, claims: MessageClaims) -> str:
        """Return the value with which a page's button sends one message to the office."""
        link, ends = claims.link, int(claims.expires_at.timestamp())
        return str(self._message.dumps([link.public_id, link.generation, claims.message, ends]))

    def read_office_message(self, value: str) -> MessageClaims:
        """Return what such a value may send; raise InvalidToken."""
        match _read_claims(self._message, value):
            case [str(public_id), int(generation), str(message), int(ends)] if message in set(OfficeMessage):
                expires_at = datetime.fromtimestamp(ends, UTC)
                return MessageClaims(LinkClaims(public_id, generation), OfficeMessage(message), expires_at)
        raise InvalidToken


def find_tokens(text: str) -> Iterator[str]:
    """Yield what can be a token in whatever a mail program made of a link, the likeliest reading first."""
    came = unquote(unquote(text[:_MOST_CHARACTERS]))
    for reading in dict.fromkeys((came, _undo_mail_encodings(came))):
        for signature in _SIGNATURE.finditer(reading):
            # A payload has no full stop.
            before = reading[: signature.start()].rpartition(".")[2]
            for beginning in reversed([match.start() for match in _BEGINNING.finditer(before)]):
                yield re.sub(_NOISE, "", before[beginning:] + signature[0])


def _undo_mail_encodings(text: str) -> str:
    """Return a text with the signs that quoted-printable, HTML or a keyboard wrote in another way."""
    return plain_text(unescape(_QUOTED_PRINTABLE.sub(lambda quoted: chr(int(quoted[1], 16)), text)))


def is_transaction_id(text: str) -> bool:
    """Tell a canonical lower-case UUID from its many lenient spellings."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def _mark_network(key: bytes, address: str) -> str:
    network = address
    with suppress(ValueError):
        if IPv6Address(address).ipv4_mapped is None:
            network = str(IPv6Network((address, 64), strict=False))
    return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()[:16]


def _create_serializer(keys: Sequence[str], purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(reversed(keys)),
        salt=f"caro:{purpose}:v1",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def _sign_claims(serializer: URLSafeSerializer, identity: LinkClaims) -> str:
    return str(serializer.dumps([identity.public_id, identity.generation]))


def _decode_handle(handle: str) -> str:
    try:
        handle = _HANDLE_NOISE.sub("", handle[:_MOST_CHARACTERS])
        padded = handle + "=" * (-len(handle) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise InvalidToken from None


#: Whoever walks through the wizard brings the same cookie to each page, and a signature never expires.
@lru_cache(maxsize=1024)
def _read_claims(serializer: URLSafeSerializer, value: str) -> object:
    if len(value) > _LONGEST or not _SHAPE.fullmatch(value):
        raise InvalidToken
    try:
        return serializer.loads(value)
    except BadData:
        raise InvalidToken from None


def _find(serializer: URLSafeSerializer, text: str) -> tuple[str, object]:
    """Return the first token with a right signature, and what it says; raise InvalidToken."""
    for token in islice(find_tokens(text), _MOST_READINGS):
        with suppress(InvalidToken):
            return token, _read_claims(serializer, token)
    raise InvalidToken


def _find_public_id(serializer: URLSafeSerializer, text: str) -> tuple[str, str]:
    token, public_id = _find(serializer, text)
    if not isinstance(public_id, str):
        raise InvalidToken
    return token, public_id


def _parse_claims(payload: object) -> LinkClaims:
    match payload:
        case [str(public_id), int(generation)]:
            return LinkClaims(public_id, generation)
    raise InvalidToken
