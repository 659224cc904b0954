"""Rows as a person reads them in a terminal."""

import click


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows with columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
