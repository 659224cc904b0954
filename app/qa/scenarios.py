"""The table of scenarios as testers read it: card, way, words, and what is left behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel.speaklater import LazyString

from app.i18n import _l
from app.qa.outcomes import Outcome, outcome_of
from app.qa.said import Said, said
from app.simulator.scenarios import SCENARIOS, Route, Scenario, Section, grouped_card
from app.wording.labels import LABELS

SECTIONS: Mapping[Section, LazyString] = {
    Section.BEFORE_THE_BANK: _l("Refused before the bank's page"),
    Section.AT_THE_BANK: _l("Ends at the bank"),
    Section.AFTER_THE_SIGNATURE: _l("After a good signature"),
    Section.MISBEHAVING_BANK: _l("The bank misbehaves"),
    Section.LINK: _l("The link itself"),
    Section.BANK_APP: _l("KBC and CBC: in the bank's app"),
}

_ROUTES: Mapping[Route, LazyString] = {
    Route.SIGN: _l("Type the card, and sign at the bank with the toy reader: M2, challenge, PIN 1234."),
    Route.WRONG_RESPONSES: _l("Type the card, and type a wrong response three times at the bank."),
    Route.CANCEL: _l("Type the card, and press Cancel at the bank."),
    Route.LEAVE: _l(
        "Type the card, go to the bank and leave its page open: age the request to the bank's time."
    ),
    Route.ARRIVE_LATE: _l("Type the card, and wait thirty seconds before you go on to the bank."),
    Route.NONE: _l("Type the card: the bank answers at once, and its page is not shown."),
}
_WITHOUT_CARD: Mapping[Section, LazyString] = {
    Section.LINK: _l("Open the link: it is made so that it shows this page."),
    Section.BANK_APP: _l("Answer in the bank's app, or let time go by: there is no link."),
}


@dataclass(frozen=True)
class Shown:
    """One scenario with everything that is told of it."""

    row: Scenario

    @property
    def cards(self) -> Sequence[str]:
        """The card numbers as they are printed."""
        return [grouped_card(card) for card in self.row.cards]

    @property
    def way(self) -> LazyString:
        """What the tester does."""
        return _WITHOUT_CARD.get(self.row.section, _ROUTES[self.row.route])

    @property
    def outcome(self) -> Outcome:
        """What is left behind."""
        return outcome_of(self.row)

    @property
    def label(self) -> LazyString:
        """What the accountant reads."""
        return LABELS[self.outcome.label]

    @cached_property
    def said(self) -> Mapping[str, Said]:
        """What the cardholder reads, by language."""
        return said(self.row, self.label)

    def told(self) -> dict[str, object]:
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
            "messages": {language: one.shown for language, one in self.said.items()},
            "help": {language: list(one.help) for language, one in self.said.items()},
            "state": left.state,
            "label": left.label,
            "counts": row.counts,
            "problem": row.problem,
            "events": list(left.events),
            "mails": list(left.mails),
        }


def shown_scenarios() -> Sequence[Shown]:
    """Return all scenarios in the order of the table."""
    return [Shown(row) for row in SCENARIOS.values()]
