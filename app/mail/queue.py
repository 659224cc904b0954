"""Queueing mails: each joins the transaction of the change that causes it."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.domain.history import MailKind
from app.domain.mails import MAILS
from app.models import OutboxMessage


def enqueue(session: Session, kind: MailKind, activation_id: int, round_: int, now: datetime) -> None:
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


def enqueue_sign_in(session: Session, sign_in_link_id: int, now: datetime) -> None:
    """Add the mail that lets an accountant in to the transaction at hand."""
    kind = MailKind.SIGN_IN
    session.add(
        OutboxMessage(
            sign_in_link_id=sign_in_link_id, kind=kind, round=1, created_at=now, due_at=now, tries=0
        )
    )


def notify(session: Session, kind: MailKind, activation_id: int, round_: int, now: datetime) -> None:
    """Add a notice to the accountant, unless this round already has one of its kind."""
    mail = OutboxMessage
    told = exists().where(mail.activation_id == activation_id, mail.kind == kind, mail.round == round_)
    if not session.scalar(select(told)):
        enqueue(session, kind, activation_id, round_, now)
