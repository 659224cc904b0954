"""The texts of a command line, of which many are pasted: nothing that cannot be seen reaches a use case."""

import click

from app.domain.typed_text import visible_text

#: A text as it is seen; the rule of its field then reads it.
TYPED_TEXT = click.types.FuncParamType(visible_text)
TYPED_TEXT.name = "text"
