"""What axe finds on a page, by day and by night, on a phone and at a desk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from e2e.audit.reading import PHONE

DESK: ViewportSize = {"width": 1280, "height": 900}

#: Every rule that axe has on by itself, none of which reads style sheets, and the size of targets.
_ALL: Mapping[str, Any] = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
    "preload": False,
}
#: Colours are those of components, so that they are measured where a template is new.
_BUT_COLOURS: Mapping[str, Any] = {
    **_ALL,
    "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}},
}
#: On a wide screen the page is the same and lies otherwise.
_LAYOUT: Mapping[str, Any] = {
    **_ALL,
    "runOnly": ["color-contrast", "scrollable-region-focusable", "target-size"],
}
#: In the dark only the colours differ.
_COLOURS: Mapping[str, Any] = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}


@dataclass(frozen=True)
class AuditedView:
    """One way in which a page can be looked at, and the rules of axe that tell something new there."""

    name: str
    size: ViewportSize
    scheme: Literal["light", "dark"] = "light"
    options: Mapping[str, Any] = field(default_factory=lambda: _ALL)


LOOKS = (
    AuditedView("phone, light", PHONE),
    AuditedView("phone, dark", PHONE, "dark", _COLOURS),
    AuditedView("desk, light", DESK, options=_LAYOUT),
    AuditedView("desk, dark", DESK, "dark", _COLOURS),
)

#: For a page that is drawn as one before it, in another state.
ALIKE = (AuditedView("phone, light", PHONE, options=_BUT_COLOURS),)

_RUN = "options => axe.run(options).then(results => results.violations)"


def bring_axe(page: Page) -> None:
    """Have axe on every page that is opened from now on, which costs less than bringing it to each."""
    page.add_init_script(Axe().axe_script)


def violations(page: Page, looks: tuple[AuditedView, ...] = LOOKS) -> Iterator[str]:
    """Yield what axe finds, one sentence for each element; the page ends as it began."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    for look in looks:
        page.set_viewport_size(look.size)
        page.emulate_media(color_scheme=look.scheme)
        for violation in page.evaluate(_RUN, look.options):
            for node in violation["nodes"]:
                where = " ".join(str(part) for part in node["target"])
                yield f"{look.name}: {violation['id']} at {where}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
