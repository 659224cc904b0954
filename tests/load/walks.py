"""The whole walk, link to active, again and again, by many cardholders at once."""

import re
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from time import monotonic

from urllib3.exceptions import HTTPError

from app.domain.states import ActivationState
from app.simulation.scenarios import SCENARIOS
from e2e.api import Api, ApiRefused
from tests.load.browser import LoadBrowser, UnexpectedPage, Waits, open_pool

_LANGUAGES = ("fr", "nl", "en", "de")
_PIN = "1234"
_DIGITS = re.compile(r'id="(challenge|reader-response)"[^>]*>\s*([0-9 ]+)')


@dataclass
class LoadOutcome:
    """What came of a load: seconds by page, activations by their last state, faults by what they were."""

    seconds: float = 0.0
    waits: Waits = field(default_factory=lambda: defaultdict(list))
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    unsent: int = 0

    @property
    def walked(self) -> int:
        """How many cardholders arrived."""
        return self.states[ActivationState.ACTIVE]


class WalkLoad:
    """Cardholders of an office of the load's own."""

    def __init__(self, base_url: str, visitors: int) -> None:
        """Open the office; raise ApiRefused where the server has no testers' pages."""
        stranger = Api(base_url)
        self._bank = stranger.server().bank_url
        self._api = stranger.of(stranger.open_office("fr"))
        self._visitors = visitors
        self._pool = open_pool(visitors)
        self._turns = count()
        self.outcome = LoadOutcome()

    def run(self, seconds: float) -> LoadOutcome:
        """Walk until the time is over, everybody once at least; whoever is on the way arrives."""
        began = monotonic()
        with ThreadPoolExecutor(self._visitors) as threads:
            list(threads.map(lambda _: self._keep_walking(began + seconds), range(self._visitors)))
        self.outcome.seconds = monotonic() - began
        self._api.work()
        for listed in self._api.activations():
            self.outcome.states[listed.state] += 1
            mails = self._api.activation(listed.public_id).mails
            self.outcome.unsent += sum(mail.sent_at is None for mail in mails)
        return self.outcome

    def _keep_walking(self, until: float) -> None:
        while True:
            try:
                self._walk(_LANGUAGES[next(self._turns) % len(_LANGUAGES)])
            except (UnexpectedPage, HTTPError, ApiRefused) as fault:
                self.outcome.faults[str(fault)] += 1
            if monotonic() >= until:
                return

    def _walk(self, language: str) -> None:
        link = self._api.order(bank="belfius", language=language).link
        browser = LoadBrowser(self._pool, self.outcome.waits, self._bank, language)
        welcome = browser.open(link or "")
        card = browser.send(welcome, "terms_accepted", terms_accepted="yes", reference_confirmed="yes")
        (number, *_) = SCENARIOS["success"].cards
        to_bank = browser.send(card, "card_number", card_number=number, expiry="05/29", security_code="123")
        signing = browser.send(to_bank, "creq")
        digits = dict(_DIGITS.findall(signing.text))
        shown = browser.send(signing, "pin", mode="M2", challenge=digits["challenge"], pin=_PIN)
        response = dict(_DIGITS.findall(shown.text))["reader-response"]
        signed = browser.send(shown, "response", action="confirm", response=response)
        browser.send(signed, "threeDSSessionData")
