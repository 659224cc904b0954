"""Answer under our own name alone: a request for any other host gets one page that says so."""

from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import BadHost, BadRequest

from app.i18n import _l
from app.settings import DEFAULT_PORTS, Settings
from app.web.errors import ErrorPage

#: What watches the machine asks it under the machine's own name.
UNDER_ANY_HOST = frozenset({"site.healthz", "probes.readyz", "probes.metrics"})

ELSEWHERE = ErrorPage(
    _l("This site has another address."),
    _l("Open the link in your email again: it leads to the right page."),
)


class WrongHost(BadRequest):
    """The request names a host that is not ours."""


def install(app: Flask, settings: Settings) -> None:
    """Check the host of each request before anything else is done for it."""
    names = allowed_hosts(settings.public_url)

    @app.before_request
    def check() -> None:
        if isinstance(request.routing_exception, BadHost):
            raise request.routing_exception
        if request.endpoint not in UNDER_ANY_HOST and request.headers.get("Host", "").lower() not in names:
            raise WrongHost

    app.register_error_handler(WrongHost, _wrong_host_page)


def allowed_hosts(public_url: str) -> frozenset[str]:
    """Return the hosts under which a public address may be called, as a request names them."""
    parts = urlsplit(public_url.lower())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    # Some proxies hand the name on without its port.
    return frozenset({host, f"{host}:{parts.port or DEFAULT_PORTS[parts.scheme]}"})


def _wrong_host_page(error: WrongHost) -> Response:
    return Response(render_template("errors/page.html", page=ELSEWHERE), error.code)
