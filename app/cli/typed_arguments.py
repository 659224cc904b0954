"""The texts of a command line, of which many are pasted: nothing that cannot be seen reaches a use case."""

import click

from app.domain.typed_text import visible_text


class TypedText(click.ParamType):  # type: ignore[type-arg]
    """A text as it is seen; the rule of its field then reads it."""

    name = "text"

    def convert(self, value: str, _parameter: click.Parameter | None, _context: click.Context | None) -> str:
        """Return the text without invisible marks, and with plain blanks."""
        return visible_text(value)


TYPED_TEXT = TypedText()
