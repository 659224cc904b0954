"""Queueing mails: each joins the transaction of the change that causes it."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, insert, literal, select
from sqlalchemy.orm import Session

from app.db import UtcDateTime
from app.domain.history import MailKind
from app.domain.mail_rules import MAILS
from app.models import OutboxMessage, SignInLink


def enqueue_mail(session: Session, kind: MailKind, activation_id: int, round_: int, now: datetime) -> None:
    """Add a mail to the transaction at hand: kind and subject only, no address, no text, no link."""
    session.add(
        OutboxMessage(
            activation_id=activation_id,
            kind=kind,
            round=round_,
            created_at=now,
            due_at=now + MAILS[kind].wait,
            tries=0,
        )
    )


def enqueue_sign_in_mail(connection: Connection, link: str, now: datetime) -> None:
    """Add the mail that lets an accountant in to the transaction at hand; no link, no mail."""
    due_at = now + MAILS[MailKind.SIGN_IN].wait
    connection.execute(_SIGN_IN_MAIL, {"link": link, "now": now, "due_at": due_at})


def enqueue_mail_once(
    session: Session, kind: MailKind, activation_id: int, round_: int, now: datetime
) -> None:
    """Add a mail to the transaction at hand, unless this round already has one of its kind."""
    mail = OutboxMessage
    queued = exists().where(mail.activation_id == activation_id, mail.kind == kind, mail.round == round_)
    if not session.scalar(select(queued)):
        enqueue_mail(session, kind, activation_id, round_, now)


_SIGN_IN_MAIL = insert(OutboxMessage).from_select(
    ["sign_in_link_id", "kind", "round", "created_at", "due_at", "tries"],
    select(
        SignInLink.id,
        literal(MailKind.SIGN_IN, OutboxMessage.kind.type),
        literal(1),
        bindparam("now", type_=UtcDateTime),
        bindparam("due_at", type_=UtcDateTime),
        literal(0),
    ).where(SignInLink.public_id == bindparam("link")),
)
