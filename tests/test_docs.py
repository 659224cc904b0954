"""Whatever the pages for readers point at is there: files, other pages, and the headings within them."""

import re
from pathlib import Path

import pytest

from app.paths import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
#: A path of ours between backticks; what it may hold, such as `<version>`, is looked for nowhere.
_PATH = re.compile(r"`((?:app|deploy|docs|e2e|migrations|requirements|static|tests|translations)/[\w./-]+)`")


#: Only an installation has it.
_INSTALLED = {"app/_data"}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings have, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in _LINK.findall(page.read_text()):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{target} does not exist"
        assert not anchor or anchor in anchors(there), f"{target or name_of(page)} has no heading #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = set(_PATH.findall(page.read_text())) - _INSTALLED
    missing = sorted(path for path in named if not (ROOT / path).exists())
    assert missing == []


def test_every_test_that_is_named_is_there() -> None:
    sources = "\n".join(path.read_text() for name in ("tests", "e2e") for path in (ROOT / name).rglob("*.py"))
    defined = set(re.findall(r"def (test_\w+)", sources))
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text())}
    assert sorted(named - defined) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_example_stands_in_the_code(page: Path) -> None:
    sources = [path.read_text() for name in ("app", "e2e") for path in (ROOT / name).rglob("*.py")]
    examples = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert [example for example in examples if not any(example in source for source in sources)] == []
