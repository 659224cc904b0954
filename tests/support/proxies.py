"""The proxy files of `deploy`, started as they are but for names, ports and places."""

import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPSConnection
from pathlib import Path

import trustme

from app.cli.listening_ports import free_port
from app.paths import ROOT
from tests.kills.served import serve
from tests.support.proxy_programs import PATH, find_proxy, missing_proxy
from tests.support.waiting import PATIENCE, wait_until

DEPLOY = ROOT / "deploy"
#: What Debian's own nginx.conf has around a site: its logs, and workers who may write.
_AROUND_NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/debian-error.log; {user}
events {{}}
http {{
  access_log {folder}/debian-access.log;
  client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/answers;
  include {folder}/caro.conf;
}}
"""
PRODUCTION = {
    "CARO_PRODUCTION": "true",
    "CARO_TRUSTED_PROXIES": "1",
    "CARO_BANK_URL": "https://127.0.0.1:9",
    "CARO_CHALLENGE_ORIGINS": "https://127.0.0.1:9",
    "CARO_SMTP_HOST": "localhost",
    "CARO_OPERATOR_COMPANY": "Relevés SRL",
    "CARO_OPERATOR_ENTERPRISE_NUMBER": "0987.654.312",
    "CARO_OPERATOR_ADDRESS": "Kerkstraat 2, 9000 Gent",
    "CARO_OPERATOR_CONTACT": "privacy@releves.example",
}


@dataclass(frozen=True)
class Answer:
    """What a visitor was answered."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True)
class ProxiedSite:
    """The product behind a proxy, as visitors reach it."""

    port: int
    folder: Path
    authority: trustme.CA

    @property
    def url(self) -> str:
        """The public address."""
        return f"https://localhost:{self.port}"

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask for a page; the names of headers have underscores for dashes."""
        line = HTTPSConnection("localhost", self.port, context=self.tls(), timeout=PATIENCE)
        try:
            line.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            line.close()

    def tls(self, *protocols: str) -> ssl.SSLContext:
        """Trust the authority that has certified the site."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        if protocols:
            context.set_alpn_protocols(protocols)
        return context

    def begin_form(self, promised: int) -> ssl.SSLSocket:
        """Send the head of a form and the first of its bytes."""
        line = self.tls().wrap_socket(
            socket.create_connection(("localhost", self.port), timeout=PATIENCE), server_hostname="localhost"
        )
        head = f"POST /portal/sign-in HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded"
        line.sendall(f"{head}{kind}\r\nContent-Length: {promised}\r\n\r\ne".encode())
        return line

    def logs(self) -> str:
        """Return all that proxy and product have written down."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))


@contextmanager
def proxied_site(
    kind: str, folder: Path, authority: trustme.CA, settings: Mapping[str, str] | None = None
) -> Iterator[ProxiedSite]:
    """Serve the product in production behind a proxy."""
    port = free_port()
    public = {"CARO_PUBLIC_URL": f"https://localhost:{port}", "CARO_INSTANCE": str(folder)}
    with (
        serve(folder, 1, 4, settings={**PRODUCTION, **public, **(settings or {})}) as served,
        proxied(kind, folder, authority, port, served.port) as site,
    ):
        served.comes_to(served.answers)
        yield site


@contextmanager
def proxied(
    kind: str, folder: Path, authority: trustme.CA, port: int, product_port: int, body_seconds: int = PATIENCE
) -> Iterator[ProxiedSite]:
    """Run a proxy in front of a port; a body may take so long."""
    program = find_proxy(kind)
    assert program, missing_proxy(kind)
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "site.pem"))
    command = _COMMANDS[kind](program, folder, port, product_port, f"{body_seconds}s")
    with (folder / f"{kind}-stderr.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": str(folder), "PATH": PATH})
    try:
        wait_until(lambda: running.poll() is not None or _listens(port))
        assert running.poll() is None, (folder / f"{kind}-stderr.log").read_text()
        yield ProxiedSite(port, folder, authority)
    finally:
        running.terminate()
        running.wait(PATIENCE)


def _nginx(program: str, folder: Path, port: int, product_port: int, body: str) -> tuple[str, ...]:
    text = re.sub(r"\n *listen \[::\].*", "", (DEPLOY / "nginx" / "caro.conf").read_text())
    changes = {
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "caro.example.be": "localhost",
        "/etc/letsencrypt/live/localhost/fullchain.pem": f"{folder}/site.pem",
        "/etc/letsencrypt/live/localhost/privkey.pem": f"{folder}/site.pem",
        "127.0.0.1:8000": f"127.0.0.1:{product_port}",
        "/var/log/nginx": str(folder),
        "client_body_timeout 10s": f"client_body_timeout {body}",
    }
    (folder / "caro.conf").write_text(_render(text, changes))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND_NGINX.format(folder=folder, user=user))
    return program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")


def _caddy(program: str, folder: Path, port: int, product_port: int, body: str) -> tuple[str, ...]:
    tls = f"tls {folder}/site.pem {folder}/site.pem"
    changes = {
        "\n{\n": "\n{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n",
        "\ncaro.example.be {": f"\nhttps://localhost:{port} {{\n\t{tls}",
        "\n:443 {": f"\n:{port} {{\n\t{tls}",
        "127.0.0.1:8000": f"127.0.0.1:{product_port}",
        "/var/log/caddy": str(folder),
        "read_body 10s": f"read_body {body}",
    }
    text = _render((DEPLOY / "caddy" / "Caddyfile").read_text(), changes)
    (folder / "Caddyfile").write_text(text)
    return program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"


_COMMANDS = {"nginx": _nginx, "caddy": _caddy}


def _render(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"The file says {old!r} no longer."
        text = text.replace(old, new)
    return text


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
