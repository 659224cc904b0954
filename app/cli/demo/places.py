"""Where the demonstration listens, and under which addresses browsers find it."""

import re
import socket
from dataclasses import dataclass

import click

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_EVERYWHERE = "0.0.0.0"  # noqa: S104  # a phone in the same network must reach it

#: This machine by two names. Product and bank use one each: the hop between them is cross-site, as in life.
_OTHER_NAME = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


@dataclass(frozen=True)
class DemoAddresses:
    """The address to listen on, the two ports, and the two addresses that browsers are given."""

    listen: str
    port: int
    bank_port: int
    base_url: str
    bank_url: str


def choose_addresses(host: str, port: int, bank_port: int) -> DemoAddresses:
    """Say where everything is for browsers that call `host`; raise ClickException where that cannot be."""
    if not _HOST.fullmatch(host) or host == _EVERYWHERE:
        raise click.ClickException(
            "HOST must be the name or IPv4 address that browsers call, as in 192.168.1.20."
        )
    if port == bank_port:
        raise click.ClickException("PORT and BANK_PORT must differ.")
    return DemoAddresses(
        listen="127.0.0.1" if host in _OTHER_NAME else _EVERYWHERE,
        port=port,
        bank_port=bank_port,
        base_url=f"http://{host}:{port}",
        bank_url=f"http://{_OTHER_NAME.get(host, host)}:{bank_port}",
    )


def refuse_taken_ports(places: DemoAddresses) -> None:
    """Raise ClickException where another program listens on a port already."""
    for option, port in (("PORT", places.port), ("BANK_PORT", places.bank_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((places.listen, port))
            except OSError as error:
                reason = f"Port {port} cannot be used ({error.strerror}); choose another with {option}=…"
                raise click.ClickException(reason) from None
