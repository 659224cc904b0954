"""Around everything else of a request: its id, its line in the access log, its seconds in the metrics."""

import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from http import HTTPMethod, HTTPStatus
from ipaddress import ip_network

from flask import Flask, Response, g, request
from prometheus_client import Histogram

from app.domain.cards import looks_like_card_number
from app.logs import (
    LONGEST_REQUEST_ID,
    SecurityEvent,
    current_request_id,
    log_security,
    redact_text,
    set_request_id,
)
from app.metrics import REQUEST_SECONDS
from app.web.extensions import Services

REQUEST_ID = "X-Request-ID"
_KNOWN_ID = re.compile(rf"[A-Za-z0-9-]{{8,{LONGEST_REQUEST_ID}}}")
#: Of words and ids alone, too short for a token and without a card: most paths, and quickly told.
_PLAIN_PATH = re.compile(r"(?!.*\d(?:-?\d){11})(?:/[a-z0-9_-]{0,32})+")
_METHODS = frozenset(HTTPMethod)
#: What has no endpoint: an address that does not exist.
_NOWHERE = "none"

#: Where the lines of the access log go.
AccessLog = Callable[[str], object]


def init_app(app: Flask, product: Services, access_log: AccessLog | None) -> None:
    """Trace each request; before anything else that looks at requests, so that no answer goes without."""
    stopwatch, is_proxied = product.context.stopwatch, product.settings.trusted_proxies > 0

    @app.before_request
    def begin_trace() -> None:
        g.began = stopwatch()
        set_request_id(_sent_id() if is_proxied else _new_id())

    @app.after_request
    def end_trace(response: Response) -> Response:
        seconds = stopwatch() - g.began
        response.headers[REQUEST_ID] = current_request_id() or ""
        status = f"{response.status_code // 100}xx"
        _timer(request.endpoint or _NOWHERE, _method(), status).observe(seconds)
        if access_log:
            access_log(_access_line(response, seconds, product.clock()))
        return response

    @app.teardown_request
    def forget_trace(_error: BaseException | None) -> None:
        set_request_id(None)


def log_refusal(event: SecurityEvent) -> None:
    """Write down that a request was refused: where, and from which network."""
    log_security(event, endpoint=request.endpoint, client=client_network(request.remote_addr or ""))


@lru_cache(1024)
def client_network(address: str) -> str:
    """Return the network of a client, which names no one of it: /24, or /64 with IPv6."""
    try:
        return str(ip_network((address, 64 if ":" in address else 24), strict=False))
    except ValueError:
        return ""


def _new_id() -> str:
    return secrets.token_hex(8)


def _sent_id() -> str:
    """Return the id that a trusted proxy has given the request, if it is like one."""
    sent = request.headers.get(REQUEST_ID, "")
    return sent if _KNOWN_ID.fullmatch(sent) and not looks_like_card_number(sent) else _new_id()


@cache
def _timer(endpoint: str, method: str, status: str) -> Histogram:
    return REQUEST_SECONDS.labels(endpoint, method, status)


def _method() -> str:
    return request.method if request.method in _METHODS else "other"


def _body_length(response: Response) -> int | None:
    """Return how many bytes of an answer are sent; None where it is written while it is sent."""
    if request.method == "HEAD" or response.status_code == HTTPStatus.NOT_MODIFIED:
        return 0
    length = response.content_length
    return response.calculate_content_length() if length is None else length


def _access_line(response: Response, seconds: float, now: datetime) -> str:
    path = request.path
    line = {
        "event": "request",
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "request_id": response.headers[REQUEST_ID],
        "method": _method(),
        "path": path if _PLAIN_PATH.fullmatch(path) else redact_text(path),
        "endpoint": request.endpoint,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "bytes": _body_length(response),
        "client": client_network(request.remote_addr or ""),
    }
    return json.dumps(line)
