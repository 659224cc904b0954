"""What is measured: a bare page, pages and a file that are read, and the card that is sent."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median

from werkzeug.test import TestResponse

from app.domain.states import ActivationState
from app.web.assets import asset_url
from app.web.cookies import portal_cookie_name
from tests.bench.load import LoadResult
from tests.bench.seed import accountant
from tests.bench.statement_tally import StatementTally, counted
from tests.bench.visitor_load import VisitorLoad, invite, path
from tests.bench.weights import PageWeight, first_view
from tests.support.portal import sign_in

_LIST = "/portal/caro"
_HELLO = b"GET / HTTP/1.1\r\nHost: localhost:8000\r\n\r\n"
#: Distinct cardholders of each page that is only read, in the first office; beyond the numbers of others.
_READERS, _FIRST = 1000, 500_000_000
#: An office of a usual size, to which none of these belongs.
_USUAL_OFFICE = 2


@dataclass(frozen=True)
class LoadRound:
    """One round of one scene: what came of it, and the CPU that a request cost, in microseconds."""

    outcome: LoadResult
    cpu: float


@dataclass
class LoadStep:
    """One line of the table: what a server is sent, and what the same costs in process."""

    name: str
    server: str
    requests: list[bytes]
    proof: bytes
    again: bool = True
    tally: StatementTally | None = None
    weight: PageWeight | None = None
    rounds: list[LoadRound] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """The CPU of one request in microseconds, the median of the rounds."""
        return median(one.cpu for one in self.rounds)

    def take(self, count: int) -> list[bytes]:
        """Return the requests of one load; what may be sent only once is given only once."""
        if self.again:
            return self.requests
        taken, self.requests = self.requests[:count], self.requests[count:]
        return taken


def scenes(visitors: VisitorLoad, cards: int) -> list[LoadStep]:
    """Invite everybody and write down what their browsers send, `cards` of them a card."""
    readers, senders = _FIRST + _READERS, _FIRST + 2 * _READERS
    welcome = _reading(visitors, "welcome", ActivationState.INVITED, range(_FIRST, readers))
    return [
        LoadStep("bare Flask page", "bare", [_HELLO], b" 200 "),
        welcome,
        # What the front costs, and what the request's id, line and seconds do.
        LoadStep("- without the front", "plain", welcome.requests, welcome.proof),
        LoadStep("- without the line either", "silent", welcome.requests, welcome.proof),
        _reading(visitors, "card", ActivationState.TERMS_ACCEPTED, range(readers, senders)),
        _sending(visitors, range(senders, senders + cards + 1)),
        _listing(visitors),
        LoadStep("GET /qa", "simulation", [visitors.get("/qa")], b" 200 "),
        _fetching(visitors),
    ]


def scenes_elsewhere(visitors: VisitorLoad, cards: int) -> list[LoadStep]:
    """Write down the same for another engine, where rows are touched."""
    found = (step for step in scenes(visitors, cards) if step.tally)
    return [
        replace(step, name=f"{step.name}, PostgreSQL", server="postgresql", tally=None, weight=None)
        for step in found
    ]


def _reading(visitors: VisitorLoad, page: str, state: ActivationState, numbers: range) -> LoadStep:
    _invite(visitors, state, numbers)
    client, address = visitors.client(numbers[0]), path(numbers[0], page)
    # The first view also compiles templates and draws the form's token, which comes back in a cookie.
    weight = first_view(client, address)
    session = visitors.form(numbers[0], page).session if page == "card" else ""
    return LoadStep(
        name=f"GET {page}",
        server="product",
        requests=list(visitors.gets(page, numbers, session)),
        proof=b" 200 ",
        tally=_tally(visitors, lambda: client.get(address)),
        weight=weight,
    )


def _sending(visitors: VisitorLoad, numbers: range) -> LoadStep:
    _invite(visitors, ActivationState.TERMS_ACCEPTED, numbers)
    client, address = visitors.client(numbers[0]), path(numbers[0], "card")
    form = visitors.form(numbers[0], "card")
    client.set_cookie(visitors.session_cookie, form.session)
    typed = form.card(visitors.services.clock())
    return LoadStep(
        name="POST card",
        server="product",
        requests=list(visitors.posts("card", numbers[1:], form.session, typed)),
        proof=b"/bank\r\n",
        again=False,
        tally=_tally(visitors, lambda: client.post(address, data=typed)),
    )


def _listing(visitors: VisitorLoad) -> LoadStep:
    client = sign_in(visitors.app.test_client(), visitors.services, accountant(_USUAL_OFFICE))
    names = (portal_cookie_name(visitors.services.settings), visitors.session_cookie)
    kept = {name: cookie.value for name in names if (cookie := client.get_cookie(name))}
    return LoadStep(
        name="GET the list, 50 rows",
        server="product",
        requests=[visitors.get(_LIST, kept)],
        proof=b" 200 ",
        tally=_tally(visitors, lambda: client.get(_LIST)),
    )


def _fetching(visitors: VisitorLoad) -> LoadStep:
    with visitors.app.app_context():
        address = asset_url("css/site.css")
    weight = first_view(visitors.app.test_client(), address)
    return LoadStep("GET a file", "product", [visitors.get(address)], b" 200 ", weight=weight)


def _invite(visitors: VisitorLoad, state: ActivationState, numbers: range) -> None:
    services = visitors.services
    now = services.clock()
    invite(services.database, state, numbers, now, now + services.settings.link_life)


def _tally(visitors: VisitorLoad, visit: Callable[[], TestResponse]) -> StatementTally:
    with counted(visitors.services.database) as tally:
        answer = visit()
    assert answer.status_code in (200, 303)
    return tally
