"""The client reference: ten digits, the first a 6 or a 7; no checksum is documented, so none is invented."""

import re

_NOISE = re.compile(r"[\s.\-\u00a0\u202f\u2011\u2013]")
_SHAPE = re.compile(r"[67][0-9]{9}")


def parse_client_reference(text: str) -> str | None:
    """Return the ten bare digits, spaces, dots and dashes stripped; None where it is no reference."""
    bare = _NOISE.sub("", text)
    return bare if _SHAPE.fullmatch(bare) else None


def group_digits(reference: str) -> str:
    """Show a reference in groups as statements print it; the exact messages keep it bare."""
    return f"{reference[:4]} {reference[4:7]} {reference[7:]}"


def group_digits_unbroken(reference: str) -> str:
    """Show a reference in groups that no narrow screen tears apart."""
    return group_digits(reference).replace(" ", "\u00a0")
