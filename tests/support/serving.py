"""Serve an application in this process: for as long as a block lasts, and silently."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

import trustme
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    """Serve without a line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask, listening: socket.socket, authority: trustme.CA | None = None) -> Iterator[None]:
    """Serve an application on this socket while the block lasts; over TLS where an authority is given."""
    host, port = listening.getsockname()
    server = make_server(
        host,
        port,
        _answer_whole(app),
        threaded=True,
        fd=listening.fileno(),
        request_handler=_Quiet,
        ssl_context=_certified(authority) if authority else None,
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer_whole(app: Flask) -> Callable[[Any, Any], list[bytes]]:
    """Close what is answered before it is sent: Werkzeug leaves a file open whose reader has gone."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        parts: Any = app(environ, start_response)
        with closing(parts):
            return [b"".join(parts)]

    return answer


def _certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context
