"""What a screen reader says on each page of the album, kept in `e2e/aria` so that a change is reviewed."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from e2e.album.pages import AlbumPage, AlbumSection
from e2e.chance import mask_chance

FOLDER = Path(__file__).resolve().parent.parent / "aria"
LANGUAGE = "fr"
#: The preview shows again what others show, and what testers see is what they test.
DOORS = frozenset(AlbumSection) - {AlbumSection.MAIL, AlbumSection.PREVIEW, AlbumSection.TESTERS}
_HEAD = "# What is heard on each page, in French. What of the frame is as on the page before is left out.\n"
#: Where a link leads is not heard; days and hours are those of the clock.
_MASKS = (
    (re.compile(r"\n *- /url: .*"), ""),
    (re.compile(r"\b\d{1,2}(er)? [^\W\d]+ 20\d\d\b"), "DAY"),
    (re.compile(r"\b\d\d:\d\d\b"), "HOUR"),
)
_PART = re.compile(r"\n(?=- )")
_STATE = re.compile(r"^(\S.*):\n", re.MULTILINE)


@dataclass
class HeardPages:
    """What was heard on the way through the album, by door and state."""

    doors: dict[str, dict[str, str]] = field(default_factory=dict)
    _before: frozenset[str] = frozenset()

    def hear(self, stop: AlbumPage) -> None:
        """Write down what is heard on a page, but for the parts of its frame that were just heard."""
        if stop.door not in DOORS:
            return
        whole = stop.page.locator("body").aria_snapshot()
        for pattern, replacement in _MASKS:
            whole = pattern.sub(replacement, whole)
        parts = _PART.split(mask_chance(whole))
        new = [part for part in parts if part.startswith("- main") or part not in self._before]
        self._before = frozenset(parts)
        lines = "\n".join(new).splitlines()
        self.doors.setdefault(stop.door, {})[stop.name] = "".join(f"  {line}\n" for line in lines)

    def write(self) -> None:
        """Write a file for each door."""
        FOLDER.mkdir(exist_ok=True)
        for door, states in self.doors.items():
            pages = "".join(f"{name}:\n{text}" for name, text in states.items())
            (FOLDER / f"{door}.yml").write_text(_HEAD + pages)

    def differences(self) -> Iterator[str]:
        """Yield what is heard otherwise than what was kept: the page, and the lines that differ."""
        for door, states in self.doors.items():
            kept = read_kept(door)
            for name in [*states, *(kept.keys() - states.keys())]:
                before, now = kept.get(name, ""), states.get(name, "")
                if before != now:
                    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=1)
                    yield "\n".join((f"{door}, {name}:", *[*lines][2:]))


def read_kept(door: str) -> Mapping[str, str]:
    """Return what was heard on each page behind a door when it was last reviewed."""
    file = FOLDER / f"{door}.yml"
    _, *found = _STATE.split(file.read_text()) if file.exists() else ("",)
    return dict(zip(found[::2], found[1::2], strict=True))
