"""Signed values: the activation link, the cookie that it becomes, the handle that travels to the bank.

A signature proves that we made the value; whether it is still good is decided by the row.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

_LONGEST = 300
_SHAPE = re.compile(r"[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+=?")


class NotOurs(Exception):
    """The value is incomplete, altered, of another purpose, or was never made by us."""


@dataclass(frozen=True)
class LinkIdentity:
    """Whom a link is for, and of which generation it is."""

    public_id: str
    generation: int


class Links:
    """Make and read the signed values; each purpose has a salt of its own."""

    def __init__(self, keys: Sequence[str], public_url: str) -> None:
        """Sign with the first key and accept all; `keys` are newest first."""
        self._public_url = public_url
        self._link, self._cookie, self._attempt, self._sign_in = (
            _serializer(keys, purpose)
            for purpose in ("activation-link", "activation-cookie", "attempt", "sign-in")
        )

    def url(self, identity: LinkIdentity) -> str:
        """Return the activation link; the same at each mint, on the configured address alone."""
        return f"{self._public_url}/a/{_dump(self._link, identity)}"

    def read_token(self, token: str) -> LinkIdentity:
        """Return whom the link is for; raise NotOurs."""
        return _identity(_load(self._link, token))

    def cookie(self, identity: LinkIdentity) -> str:
        """Return the value of the cookie that stands for the link while the wizard is walked."""
        return _dump(self._cookie, identity)

    def read_cookie(self, value: str) -> LinkIdentity:
        """Return whom the cookie is for; raise NotOurs."""
        return _identity(_load(self._cookie, value))

    def attempt(self, transaction: str) -> str:
        """Return the handle sent as threeDSSessionData: base64url, under 512 of its 1024 characters."""
        signed = str(self._attempt.dumps(transaction))
        return base64.urlsafe_b64encode(signed.encode()).rstrip(b"=").decode()

    def read_attempt(self, handle: str) -> str:
        """Return the transaction that a handle came back for; raise NotOurs."""
        transaction = _load(self._attempt, _decoded(handle))
        if not isinstance(transaction, str) or not is_transaction(transaction):
            raise NotOurs
        return transaction

    def sign_in_url(self, public_id: str) -> str:
        """Return the one-time link with which an accountant signs in."""
        return f"{self._public_url}/portal/sign-in/{self._sign_in.dumps(public_id)}"

    def read_sign_in(self, token: str) -> str:
        """Return the public id of a sign-in link; raise NotOurs."""
        public_id = _load(self._sign_in, token)
        if not isinstance(public_id, str):
            raise NotOurs
        return public_id


def is_transaction(text: str) -> bool:
    """Tell a canonical lower-case UUID from its many lenient spellings."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _serializer(keys: Sequence[str], purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(reversed(keys)),
        salt=f"caro:{purpose}:v1",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def _dump(serializer: URLSafeSerializer, identity: LinkIdentity) -> str:
    return str(serializer.dumps([identity.public_id, identity.generation]))


def _decoded(handle: str) -> str:
    try:
        padded = handle + "=" * (-len(handle) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise NotOurs from None


def _load(serializer: URLSafeSerializer, value: str) -> object:
    if len(value) > _LONGEST or not _SHAPE.fullmatch(value):
        raise NotOurs
    try:
        return serializer.loads(value)
    except BadData:
        raise NotOurs from None


def _identity(payload: object) -> LinkIdentity:
    match payload:
        case [str(public_id), int(generation)]:
            return LinkIdentity(public_id, generation)
    raise NotOurs
