"""Fold the keys of dossiers as a search is folded now: quotation marks, dashes, marks that nobody sees."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
EXPANDS = False

_PLAIN = {
    ord(sign): plain
    for plain, signs in {
        "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7\u2500\u2796\u30fc\ufe58",
        "'": "`\u00b4\u02b9\u02bb\u02bc\u02c8\u2018\u2019\u201a\u201b\u2032\u2035\u275b\u275c",
        '"': "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u2039\u203a\u275d\u275e\u301d\u301e",
    }.items()
    for sign in signs
}
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def upgrade() -> None:
    """Write the keys anew where they differ, and what the requests have copied of them."""
    dossier = sa.table("dossier", *(sa.column(c) for c in ("id", "code", "name", "code_key", "name_key")))
    activation = sa.table("activation", sa.column("dossier_id"), sa.column("dossier_key"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(dossier)).all():
        keys = {"code_key": _key(row.code), "name_key": _key(row.name)}
        if keys == {"code_key": row.code_key, "name_key": row.name_key}:
            continue
        connection.execute(sa.update(dossier).where(dossier.c.id == row.id).values(**keys))
        connection.execute(
            sa.update(activation)
            .where(activation.c.dossier_id == row.id)
            .values(dossier_key=keys["code_key"])
        )


def downgrade() -> None:
    """Leave the keys: they are found by most searches of before."""


def _key(text: str) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text.translate(_PLAIN))).casefold()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(" ".join(letters.split()).strip("'\" ").split())[:120]
