"""Requests that wait for the worker, asked for so that an index finds them among however many others."""

from sqlalchemy import bindparam

from app.domain.activation import OPEN
from app.models import Activation

#: SQLite takes a partial index for the very words of its condition alone: they are written out, not bound.
IS_OPEN = Activation.state.in_(bindparam("open", sorted(OPEN), expanding=True, literal_execute=True))
