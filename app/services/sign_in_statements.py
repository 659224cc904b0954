"""How accountants come in: statements that are the same for every address, their conditions within."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Integer,
    Select,
    String,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import aliased

from app.db import bind_moment
from app.domain.history import MailKind
from app.models import Accountant, Office, OutboxMessage, PortalSession, SignInLink

_NOW = bind_moment("now")


_ENABLED = Accountant.disabled_at.is_(None)


#: Whoever asks twice at once waits here, so that both are counted.
LOCK = select(Accountant.id).where(Accountant.email == bindparam("email")).with_for_update()

_NEXT_PATH = bindparam("asked_on", type_=String)
#: Each network has links of its own: what a stranger asks for holds nobody else back.
_OF_CLIENT = SignInLink.client == bindparam("network")


def _insert_link_statement(*conditions: ColumnElement[bool]) -> Insert:
    return insert(SignInLink).from_select(
        ["public_id", "accountant_id", "created_at", "expires_at", "client", "next_path"],
        select(
            bindparam("link", type_=String),
            Accountant.id,
            _NOW,
            bind_moment("until"),
            bindparam("network", type_=String),
            _NEXT_PATH,
        ).where(Accountant.email == bindparam("email"), _ENABLED, *conditions),
    )


LINK = _insert_link_statement().returning(SignInLink.id)

_mail, _link = aliased(OutboxMessage), aliased(SignInLink)
_MAILED = (
    select(func.coalesce(func.sum(_mail.round), 0))
    .join(_link, _mail.sign_in_link_id == _link.id)
    .where(_mail.kind == MailKind.SIGN_IN, _link.accountant_id == Accountant.id)
    .where(_link.client == bindparam("network"))
    .correlate(Accountant)
)
#: A mail every few minutes, unless its link was used, and so many an hour. A link that is sent again is
#: counted by its round.
_MAY_BE_MAILED = (
    _MAILED.where(_mail.created_at > bind_moment("just_now"), _link.claimed_at.is_(None)).scalar_subquery()
    == 0,
    _MAILED.where(_link.created_at > bind_moment("lately")).scalar_subquery()
    < bindparam("cap", type_=Integer),
)

MAILED_LINK = _insert_link_statement(*_MAY_BE_MAILED)

_YOUNG = (
    select(SignInLink.id)
    .join(Accountant, Accountant.id == SignInLink.accountant_id)
    .where(
        Accountant.email == bindparam("email"),
        _ENABLED,
        _OF_CLIENT,
        SignInLink.claimed_at.is_(None),
        SignInLink.expires_at > bind_moment("long_enough"),
        *_MAY_BE_MAILED,
    )
    .order_by(SignInLink.id.desc())
    .limit(1)
)
#: A link that is still good leads to the page from which it was asked for last.
LEAD_ON = (
    update(SignInLink)
    .where(
        _OF_CLIENT,
        SignInLink.accountant_id.in_(select(Accountant.id).where(Accountant.email == bindparam("email"))),
        SignInLink.claimed_at.is_(None),
        SignInLink.expires_at > _NOW,
    )
    .values(next_path=func.coalesce(_NEXT_PATH, SignInLink.next_path))
)
#: The same link once more, while most of its life is left.
MAIL_AGAIN = (
    update(OutboxMessage)
    .where(OutboxMessage.sign_in_link_id == _YOUNG.scalar_subquery(), OutboxMessage.kind == MailKind.SIGN_IN)
    .values(
        round=OutboxMessage.round + 1,
        created_at=_NOW,
        due_at=bind_moment("due"),
        tries=0,
        leased_until=None,
        sent_at=None,
        dead_at=None,
        request_id=bindparam("request_id", type_=String),
    )
)


_USABLE = (
    SignInLink.public_id == bindparam("link", type_=String),
    SignInLink.claimed_at.is_(None),
    SignInLink.expires_at > _NOW,
    SignInLink.accountant_id.in_(select(Accountant.id).where(_ENABLED)),
)


OPEN = select(SignInLink.id).where(*_USABLE)

#: A link of whoever is signed in, also one that cannot be used any more.
OWN = select(SignInLink.next_path).where(
    SignInLink.public_id == bindparam("link"), SignInLink.accountant_id == bindparam("accountant")
)


CLAIM = (
    update(SignInLink)
    .where(*_USABLE)
    .values(claimed_at=_NOW)
    .returning(SignInLink.id, SignInLink.accountant_id, SignInLink.next_path)
)


#: By the fields of who is signed in.
FIND_VISITOR: Select[*tuple[Any, ...]] = (
    select(
        PortalSession.id.label("session_id"),
        Accountant.id.label("accountant_id"),
        Accountant.email,
        Accountant.language,
        Accountant.role,
        func.coalesce(Office.language, Accountant.language).label("order_language"),
        Office.id.label("office_id"),
        Office.name.label("office"),
        Office.telephone,
        PortalSession.seen_at,
    )
    .join(Accountant, Accountant.id == PortalSession.accountant_id)
    .join(Office, Office.id == Accountant.office_id)
    .where(
        PortalSession.secret_sha256 == bindparam("secret"),
        PortalSession.ended_at.is_(None),
        PortalSession.seen_at > bind_moment("seen_since"),
        PortalSession.created_at > bind_moment("begun_since"),
        Accountant.disabled_at.is_(None),
    )
)


_ONE = PortalSession.id == bindparam("session")


TOUCH_SESSION = update(PortalSession).where(_ONE).values(seen_at=_NOW)


END = update(PortalSession).where(_ONE).values(ended_at=_NOW)

SIGNED_IN = update(Accountant).where(Accountant.id == bindparam("accountant")).values(signed_in_at=_NOW)
