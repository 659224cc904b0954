"""The table of scenarios as testers read it: card, way, words, and what is left behind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel.speaklater import LazyString

from app.domain.identifiers import normalize_text
from app.i18n import _l
from app.qa.outcomes import ScenarioOutcome, scenario_outcome
from app.qa.said import REFERENCE, FinalPageText, final_page_texts
from app.simulation.scenarios import (
    SCENARIOS,
    BankPageRoute,
    Scenario,
    ScenarioSection,
    ServerReply,
    group_card_number,
)
from app.wording import LABELS

SECTIONS: Mapping[ScenarioSection, LazyString] = {
    ScenarioSection.BEFORE_THE_BANK: _l("Refused before the bank's page"),
    ScenarioSection.AT_THE_BANK: _l("Ends at the bank"),
    ScenarioSection.AFTER_THE_SIGNATURE: _l("After a good signature"),
    ScenarioSection.MISBEHAVING_BANK: _l("The bank misbehaves"),
    ScenarioSection.LINK: _l("The link itself"),
    ScenarioSection.BANK_APP: _l("KBC and CBC: in the bank's app"),
}

_ROUTES: Mapping[BankPageRoute, LazyString] = {
    BankPageRoute.SIGN: _l(
        "Type the card, and sign at the bank with the toy reader: M2, challenge, PIN 1234."
    ),
    BankPageRoute.WRONG_RESPONSES: _l("Type the card, and type a wrong response three times at the bank."),
    BankPageRoute.CANCEL: _l("Type the card, and press Cancel at the bank."),
    BankPageRoute.LEAVE: _l(
        "Type the card, go to the bank and leave its page open: age the request to the bank's time."
    ),
    BankPageRoute.ARRIVE_LATE: _l("Type the card, and wait thirty seconds before you go on to the bank."),
    BankPageRoute.NONE: _l("Type the card: the bank answers straight away, and its page is not shown."),
}
_WITHOUT_CARD: Mapping[ScenarioSection, LazyString] = {
    ScenarioSection.LINK: _l("Open the link: it is made so that it shows this page."),
    ScenarioSection.BANK_APP: _l("Answer in the bank's app, or let time go by: there is no link."),
}


@dataclass(frozen=True)
class ScenarioView:
    """One scenario with everything that is told of it."""

    row: Scenario

    @property
    def cards(self) -> Sequence[str]:
        """The card numbers as they are printed."""
        return [group_card_number(card) for card in self.row.cards]

    @property
    def walk_text(self) -> LazyString:
        """What the tester does."""
        return _WITHOUT_CARD.get(self.row.section, _ROUTES[self.row.route])

    @property
    def outcome(self) -> ScenarioOutcome:
        """What is left behind."""
        return scenario_outcome(self.row)

    @property
    def label(self) -> LazyString:
        """What the accountant reads."""
        return LABELS[self.outcome.label]

    @cached_property
    def texts_by_language(self) -> Mapping[str, FinalPageText]:
        """What the cardholder reads, by language."""
        return final_page_texts(self.row, self.label)

    @property
    def has_page(self) -> bool:
        """Whether a request can be brought to its last page; a field is told off where it is typed."""
        return self.row.reply is not ServerReply.NEVER_ASKED or self.row.section in _WITHOUT_CARD

    @property
    def search_text(self) -> str:
        """Everything that it can be found by."""
        row = self.row
        words = [row.key, row.why, *row.cards, *(f" {card[-4:]} " for card in row.cards)]
        return "\n".join([*words, *(one.searchable_text for one in self.texts_by_language.values())])

    def to_json(self) -> dict[str, object]:
        """Tell the scenario to a program."""
        row, left = self.row, self.outcome
        return {
            "key": row.key,
            "section": row.section,
            "why": row.why,
            "cards": list(row.cards),
            "route": row.route,
            "quirk": row.quirk,
            "recovery": row.recovery,
            "page": row.page,
            "messages": {language: one.visible_text for language, one in self.texts_by_language.items()},
            "help": {language: list(one.help) for language, one in self.texts_by_language.items()},
            "state": left.state,
            "label": left.label,
            "counts": row.counts,
            "problem": row.problem,
            "events": list(left.events),
            "mails": list(left.mails),
        }


def list_scenarios() -> Sequence[ScenarioView]:
    """Return all scenarios in the order of the table."""
    return [ScenarioView(row) for row in SCENARIOS.values()]


def search_scenarios(looked_for: str) -> Sequence[ScenarioView]:
    """Return the scenarios that say what is looked for, whatever its case and accents.

    Where none has every word, those with most of them: a copied message names a day, an office, a reference.
    """
    phrase, texts = (
        _normalize_search(looked_for),
        {shown: _normalize_search(shown.search_text) for shown in list_scenarios()},
    )
    exact = [shown for shown, text in texts.items() if phrase in text]
    if exact:
        return exact
    wanted = frozenset(_WORD.findall(phrase))
    scores = {shown: len(wanted.intersection(_WORD.findall(text))) for shown, text in texts.items()}
    best = max(scores.values())
    return [shown for shown, score in scores.items() if score == best > 0]


def _normalize_search(text: str) -> str:
    """Write a text as it is compared: a reference as the table writes it, card numbers without spaces."""
    bare = _CARD.sub(lambda digits: _SPACES.sub("", digits[0]), text)
    return normalize_text(_REFERENCE.sub(REFERENCE, bare))


_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"\s")
_CARD = re.compile(r"\d(?:[ \u00a0]?\d){5,18}")
_REFERENCE = re.compile(r"\b[67]\d{9}\b")
