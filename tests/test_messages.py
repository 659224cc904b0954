"""docs/messages.md: fresh, complete and word for word; docs/adding-*.md: their samples are real."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import localized_templates
from app.advice import ADVICE
from app.domain.cards import CardProblem
from app.domain.failures import FAILURES, Failure
from app.domain.states import LinkCondition
from app.i18n import LANGUAGES, override_locale
from app.simulation.scenarios import SCENARIOS, group_card_number
from app.web.link_pages import PAGES
from app.wording import CHECKS, HEADINGS, NOW, OUTCOMES, PROBLEMS, UNDER
from tests.messages.message_rows import FRAME
from tests.messages.page import messages_page
from tests.support.office import REFERENCE
from tests.support.written_files import fail_on, first_difference

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = (ROOT / "docs" / "messages.md").read_text()
HOW_TO_ADD = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("adding-*.md"))}
EACH = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(autouse=True)
def speaker() -> Iterator[None]:
    app = Flask("app")
    localized_templates.init_app(app)
    with app.app_context():
        yield


def section(heading: str) -> str:
    """Return what stands under a heading of the page, up to the next one."""
    _, _, below = MESSAGES.partition(f"# {heading}\n")
    assert below, heading
    return re.split(r"\n#+ ", below)[0]


def first_missing(text: str, sentences: list[str]) -> str | None:
    """Return the first of these sentences that does not stand in a text after the one before it."""
    end = 0
    for sentence in sentences:
        start = text.find(sentence, end)
        if start < 0:
            return sentence
        end = start + len(sentence)
    return None


def test_page_of_messages_is_fresh() -> None:
    difference = first_difference(MESSAGES, messages_page())
    fail_on(difference and f"docs/messages.md is stale, run 'make docs'; {difference}")


def test_a_stale_page_is_told_in_one_line() -> None:
    first, _, rest = MESSAGES.partition("\n")
    assert first_difference(MESSAGES, MESSAGES) is None
    assert first_difference(f"{first}!\n{rest}", MESSAGES) == f"line 1: {first + '!'!r} is now {first!r}"


@EACH
@pytest.mark.parametrize("failure", Failure)
def test_each_failure_is_told_word_for_word(failure: Failure, language: str) -> None:
    told, page = section(f"{failure}: {LANGUAGES[language]}"), FAILURES[failure]
    # A cause that stands alone has no title.
    shape = "**%(title)s** %(advice)s" if len(page.items) > 1 else "%(advice)s"
    with override_locale(language):
        sentences = [
            str(HEADINGS[page.message]) % {"reference": REFERENCE},
            str(UNDER[page.message] or ""),
            str(OUTCOMES[page.message]),
            *(shape % vars(CHECKS[item]) for item in page.items),
            str(NOW[failure]),
            str(ADVICE[failure].cause),
            str(ADVICE[failure].remedy),
        ]
        fail_on(first_missing(told, sentences))
    numbered = len(page.items) if len(page.items) > 1 else 0
    assert len(re.findall(r"^> \d+\. ", told, re.MULTILINE)) == numbered


@EACH
@pytest.mark.parametrize("condition", LinkCondition)
def test_each_closed_link_is_told(condition: LinkCondition, language: str) -> None:
    told = section(f"link_{condition}: {LANGUAGES[language]}")
    with override_locale(language):
        fail_on(first_missing(told, [str(PAGES[condition].title)]))


@EACH
def test_each_field_is_told(language: str) -> None:
    told = section("What a field of the card says")
    with override_locale(language):
        assert [problem for problem in CardProblem if str(PROBLEMS[problem]) not in told] == []


@pytest.mark.parametrize("key", SCENARIOS)
def test_each_scenario_leads_to_its_message(key: str) -> None:
    row, listed = SCENARIOS[key], section("From a scenario to its message")
    (line,) = (line for line in listed.splitlines() if line.startswith(f"| `{key}` |"))
    assert all(group_card_number(card) in line for card in row.cards)
    if isinstance(row.page, Failure):
        assert f"(#{row.page})" in line
        assert f"| `{key}` |" in section(row.page)


def test_every_link_of_the_page_leads_somewhere() -> None:
    headings = Counter(
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", MESSAGES, re.MULTILINE)
    )
    wanted = set(re.findall(r"\]\(#([^)]+)\)", MESSAGES))
    assert {anchor for anchor in wanted if headings[anchor] != 1} == set()


def test_frame_is_what_the_page_says() -> None:
    page = (ROOT / "app/templates/wizard/failure.html").read_text()
    page += (ROOT / "app/web/failure_pages.py").read_text()
    assert [sentence for sentence in FRAME if sentence not in page] == []


def test_samples_of_the_how_tos_are_rows_of_the_tables() -> None:
    tables = "".join(path.read_text() for path in sorted((ROOT / "app").rglob("*.py")))
    samples = {name: re.findall(r"```python\n(.+?)```", page, re.DOTALL) for name, page in HOW_TO_ADD.items()}
    assert {name for name, found in samples.items() if found} == {"adding-a-bank.md", "adding-a-scenario.md"}
    listed = [sample.strip("\n") for found in samples.values() for sample in found]
    assert [sample for sample in listed if sample not in tables] == []
