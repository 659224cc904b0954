"""Numbers in sentences: to ten in words, as the glossaries have it; from two on no language bends them."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.i18n import _l

NUMBERS: Mapping[int, LazyString] = {
    2: _l("two"),
    3: _l("three"),
    4: _l("four"),
    5: _l("five"),
    6: _l("six"),
    7: _l("seven"),
    8: _l("eight"),
    9: _l("nine"),
    10: _l("ten"),
}
