"""What the cardholder reads at the end of a scenario, word for word in each language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.domain.cards import CardProblem
from app.domain.failures import CATALOGUE, Failure
from app.domain.states import ActivationState, LinkCondition
from app.i18n import LANGUAGES, _l, override_locale
from app.simulation.scenarios import Scenario, ScenarioSection
from app.web.link_pages import PAGES
from app.web.wiring import services
from app.wording import CHECKS, HEADINGS, NOW, NUMBERS, PROBLEMS, UNDER

#: What differs from request to request is written so: references, offices, days.
REFERENCE = "xxxxx"
_BLANKS = {"reference": REFERENCE, "office": "…", "day": "…", "time": "…"}


@dataclass(frozen=True)
class FinalPageText:
    """The message, the line under it where there is one, and what the page adds to help."""

    message: str
    under: str = ""
    help: tuple[str, ...] = ()

    @property
    def visible_text(self) -> str:
        """The message as it stands on the page."""
        return "\n".join(filter(None, (self.message, self.under)))

    @property
    def searchable_text(self) -> str:
        """Everything, for searching."""
        return "\n".join((self.message, self.under, *self.help))


#: The two pages that tell no failure, and no closed link.
_ACTIVE = _l("Your service is active")
_PENDING = _l("We are waiting for your bank")


def final_page_texts(row: Scenario, label: LazyString) -> Mapping[str, FinalPageText]:
    """Return what a scenario's last page says in each language; `label` where the person sees no page."""
    told = {}
    for language in LANGUAGES:
        with override_locale(language):
            told[language] = _final_page_text(row, label)
    return told


def _final_page_text(row: Scenario, label: LazyString) -> FinalPageText:
    if row.section is ScenarioSection.BANK_APP:
        return FinalPageText(str(label))
    return _SAY[type(row.page)](row.page)


def _failure_text(failure: Failure) -> FinalPageText:
    page = CATALOGUE[failure]
    checks = (CHECKS[item] for item in page.items)
    lines = (f"{check.title}: {check.advice}" for check in checks)
    message = str(HEADINGS[page.message]) % _BLANKS
    return FinalPageText(message, str(UNDER[page.message] or ""), (*lines, str(NOW[failure])))


def _closed_link_text(condition: LinkCondition) -> FinalPageText:
    page = PAGES[condition]
    words = _BLANKS | {"count": str(NUMBERS[services().settings.caps.refusals_a_day])}
    return FinalPageText(str(page.title), str(page.text) % words, (str(page.advice) % words,))


_SAY: Mapping[type, Callable[..., FinalPageText]] = {
    Failure: _failure_text,
    CardProblem: lambda problem: FinalPageText(str(PROBLEMS[problem])),
    LinkCondition: _closed_link_text,
    ActivationState: lambda state: FinalPageText(str(_PENDING)),
    type(None): lambda none: FinalPageText(str(_ACTIVE)),
}
