"""How a card number could hide: every spelling in which it must be found nowhere."""

import base64

from app.simulator.scenarios import grouped_card
from e2e.world import World


def spellings(number: str) -> frozenset[bytes]:
    """Return the number raw, as printed, reversed, in hexadecimal and in base64 at any offset."""
    raw = number.encode()
    plain = {raw, grouped_card(number).encode(), grouped_card(number).replace(" ", "-").encode(), raw[::-1]}
    return frozenset({*plain, raw.hex().encode(), raw.hex().upper().encode(), *_in_base64(raw)})


def _in_base64(raw: bytes) -> set[bytes]:
    """Base64 of a longer text shows the number in one of three ways; its edges depend on the neighbours."""
    found = set()
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + raw + b"x" * (-(offset + len(raw)) % 3))
        found.add(coded[4 if offset else 0 : -4])
    return found


def hiding_places(world: World, number: str, *texts: str) -> list[str]:
    """Name the files and texts in which the number stands in any spelling."""
    places = {str(path): path.read_bytes() for path in world.files}
    places |= {text[:60]: text.encode() for text in texts}
    return [name for name, content in places.items() if any(form in content for form in spellings(number))]
