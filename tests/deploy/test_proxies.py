"""The product behind the proxies of `deploy`, in production: what visitors get, and what is written down."""

import socket
from contextlib import ExitStack, suppress

import pytest

from tests.support.proxies import ProxiedSite
from tests.support.proxy_programs import proxies_under_test
from tests.support.waiting import PATIENCE, wait_until

FORM = "application/x-www-form-urlencoded"
LIMIT = 16 * 1024
SECRET = "eyJwdWJsaWNfaWQiOiJhYmMifQ"
TOKEN = f"{SECRET}.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
#: A link as it is sent, as mail programs dress it, and in an address of another kind.
DRESSED = (
    f"/a/{TOKEN}",
    f"/a/{TOKEN}?lang=nl",
    f"/A/{TOKEN}",
    f"/a?{TOKEN}",
    f"/%61/{TOKEN}",
    f"//a//{TOKEN}",
    f"/a/{SECRET}%0A.{TOKEN[-43:]}",
    f"/a%2F{TOKEN}",
    f"/a%252F{TOKEN}",
    f"/portal/sign-in/{TOKEN}",
    f"/portal%2Fsign-in%2F{TOKEN}",
    f"/PORTAL/SIGN-IN/{TOKEN}",
    f"/portal/https://localhost/a/{TOKEN}",
    f"/return/{SECRET}",
    f"/?to={TOKEN}",
)


def test_pages_come_over_http_2_in_the_visitors_language(site: ProxiedSite) -> None:
    page = site.ask("/portal/sign-in")
    assert page.status == 200
    assert b'<html lang="fr"' in page.body
    assert page.headers.get_all("Strict-Transport-Security") == ["max-age=31536000; includeSubDomains"]
    with (
        socket.create_connection(("localhost", site.port)) as line,
        site.tls("h2", "http/1.1").wrap_socket(line, server_hostname="localhost") as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize(
    ("path", "encoding"),
    [("/portal/sign-in", "gzip"), ("/portal/sign-in?q=a", None), ("/static/css/site.css?v=1", "gzip")],
)
def test_the_product_alone_compresses(site: ProxiedSite, path: str, encoding: str | None) -> None:
    answer = site.ask(path, Accept_Encoding="gzip")
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, encoding)


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/METRICS", "/metrics/", "//readyz", "/%6detrics"])
def test_what_the_operator_watches_is_closed(site: ProxiedSite, path: str) -> None:
    claims = dict.fromkeys(("X_Forwarded_Host", "X_Forwarded_For", "Forwarded"), "127.0.0.1")
    assert site.ask(path).status == 404
    for host in (f"localhost:{site.port}", "127.0.0.1"):
        assert site.ask(path, "GET", None, Host=host, **claims).status == 404
    assert site.ask("/healthz").status == 200


def test_what_a_client_says_about_itself_is_replaced(site: ProxiedSite) -> None:
    assert site.ask("/portal/sign-in", X_Forwarded_Host="other.example").status == 200
    assert site.ask("/portal/sign-in", Host="other.example").status == 404


def test_a_body_is_as_large_as_the_product_takes_it(site: ProxiedSite) -> None:
    for size, is_refused in ((LIMIT, False), (LIMIT + 1, True), (100_000, True)):
        answer = site.ask("/portal/sign-in", "POST", b"a" * size, Content_Type=FORM)
        assert (answer.status == 413) == is_refused, (size, answer.status)
    in_pieces = site.ask(
        "/portal/sign-in", "POST", Content_Type=FORM, Transfer_Encoding="chunked", body=b"0\r\n\r\n"
    )
    assert in_pieces.status < 413


def test_a_link_is_never_written_down(site: ProxiedSite, lonely_site: ProxiedSite) -> None:
    for path in DRESSED:
        site.ask(path, Referer=f"{site.url}{path}")
        assert lonely_site.ask(path, Referer=f"{site.url}{path}").status == 502
    for place in (site, lonely_site):
        logs = place.logs()
        assert [line for line in logs.splitlines() if SECRET in line or TOKEN[-43:] in line] == []
        assert {"/a/-", "/portal/sign-in/-", "/return/-", "127.0.0.0"} <= set(logs.split('"'))


def test_one_who_sends_nothing_more_or_drips_is_cut_off(lonely_site: ProxiedSite, proxy: str) -> None:
    with lonely_site.begin_form(LIMIT) as line:
        line.settimeout(0.01)

        def is_over() -> bool:
            with suppress(TimeoutError):
                if proxy == "caddy":
                    line.sendall(b"a")
                line.recv(1)
                return True
            return False

        with suppress(OSError):
            wait_until(is_over)


@pytest.mark.parametrize("proxy", proxies_under_test("nginx"), indirect=True, scope="module")
def test_many_who_drip_keep_nobody_waiting(site: ProxiedSite) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(site.begin_form(20))
        assert site.ask("/portal/sign-in").status == 200
        extra = [stack.enter_context(site.begin_form(20)) for _ in range(20)]
        extra[-1].settimeout(PATIENCE)
        assert extra[-1].recv(20).startswith(b"HTTP/1.1 429 ")
