"""The port that a server listens on: whoever cannot have it is told so in one sentence."""

import socket

import click

#: A port of this machine.
PORT = click.IntRange(1, 65535)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refuse_taken_port(host: str, port: int, option: str = "--port") -> None:
    """Raise ClickException where nobody could listen there, as where another program does.

    Servers share a port where all of them ask for it, and then answer in turn; this does not ask.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = f"Port {port} cannot be used ({error.strerror}); choose another with {option}=…"
        raise click.ClickException(reason) from None
