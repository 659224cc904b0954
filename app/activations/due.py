"""Requests that wait for the worker, asked for so that an index finds them among however many others."""

from sqlalchemy import bindparam

from app.domain.states import OPEN, ActivationState
from app.models import Activation

#: SQLite takes a partial index for the very words of its condition alone: they are written out, not bound.
IS_OPEN = Activation.state.in_(bindparam("open", sorted(OPEN), expanding=True, literal_execute=True))

#: Whoever is at the bank is answering; the reminder waits for what comes of it.
UNANSWERED = (ActivationState.INVITED, ActivationState.TERMS_ACCEPTED)
TO_REMIND = (IS_OPEN, Activation.state.in_(UNANSWERED), Activation.refused_at.is_(None))

#: One at the bank is left until its attempt has ended: its signature may be given.
TO_EXPIRE = (IS_OPEN, Activation.state != ActivationState.AWAITING_BANK)
