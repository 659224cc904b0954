"""The texts of a command line, of which many are pasted: nothing that cannot be seen reaches a use case."""

import sys

import click

from app.domain.typed_text import visible_text

#: A text as it is seen; the rule of its field then reads it.
TYPED_TEXT = click.types.FuncParamType(visible_text)
TYPED_TEXT.name = "text"


def _read_address(value: str) -> str:
    return visible_text(sys.stdin.readline() if value == "-" else value)


#: An address, or `-`, which is the first line of the standard input: whoever lists processes reads commands.
ADDRESS = click.types.FuncParamType(_read_address)
ADDRESS.name = "text"
