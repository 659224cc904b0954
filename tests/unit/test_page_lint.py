"""The page linter finds each fault that it is there for."""

from typing import cast

import pytest
from flask import Flask, Response

from tests.support.page_lint import DRAWN, RULES, LintingClient, LintRules

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

SOUND = """<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><title>Activation</title>
<link rel="stylesheet" href="/static/site.css"><script src="/static/site.js" defer></script>
<noscript><meta http-equiv="refresh" content="5"></noscript></head>
<body>
<!-- A comment is no element. -->
<a href="#main">Skip</a>
<main id="main"><h1>Activation 6000000001</h1>
<p>IBAN BE68 5390 0754 7034, <a href="mailto:office@example.be">office@example.be</a></p>
<img src="/static/logo.svg" alt="" width="30" height="30">
<svg viewBox="0 0 64 48" width="64" height="48"><path d="M0 0h9"/></svg>
<form method="post" action="/next"><input type="hidden" name="csrf_token" value="t">
<label for="number">Number</label><input id="number" name="number" aria-describedby="hint">
<p id="hint">16 digits</p>
<label><input type="checkbox" name="terms"> I agree</label>
<button>Go</button></form>
<form action="/search"><input name="q" aria-label="Search"><input type="submit" value="Find"></form>
</main></body></html>"""

REFRESH = '<meta http-equiv="refresh" content="5">'

#: The rule, what is replaced in the sound page, and by what.
FAULTS = (
    ("valid_html", "<!doctype html>", ""),
    ("valid_html", "</main>", "</div></main>"),
    ("heading", "<h1>Activation 6000000001</h1>", "<h2>Activation</h2>"),
    ("heading", "<h1>Activation 6000000001</h1>", "<h1>One</h1><h1>Two</h1>"),
    ("heading", "<h1>Activation 6000000001</h1>", "<h1> </h1>"),
    ("language", ' lang="fr"', ""),
    ("title", "<title>Activation</title>", ""),
    ("title", "<title>Activation</title>", "<title> </title>"),
    ("full_stops", "<h1>Activation 6000000001</h1>", "<h1>This link has expired.</h1>"),
    ("full_stops", "<h1>Activation 6000000001</h1>", '<div class="failed calm"><h1>Late.</h1></div>'),
    ("unique_ids", 'id="hint"', 'id="main"'),
    ("references", 'href="#main"', 'href="#content"'),
    ("references", 'aria-describedby="hint"', 'aria-describedby="hint error"'),
    ("references", 'for="number"', 'for="numero"'),
    ("drawn_lines", 'd="M0 0h9"', 'd="M0 0h9x"'),
    ("labels", '<label for="number">Number</label>', ""),
    ("labels", '<label for="number">Number</label>', '<label for="number"></label>'),
    ("labels", '<input name="q" aria-label="Search">', '<select name="q"></select>'),
    ("labels", '<input name="q" aria-label="Search">', '<textarea name="q" placeholder="Search"></textarea>'),
    ("named_controls", "<button>Go</button>", "<button></button>"),
    ("named_controls", ' value="Find"', ""),
    ("named_controls", ">Skip</a>", "></a>"),
    ("named_controls", ' alt=""', ""),
    ("sized_pictures", ' width="30"', ""),
    ("sized_pictures", ' height="30"', ""),
    ("sized_pictures", ' width="64"', ""),
    ("sized_pictures", ' height="48"', ' height="auto"'),
    ("csrf", 'name="csrf_token"', 'name="other"'),
    ("csrf", ' value="t"', ""),
    ("csrf", 'action="/next"', 'action="https://bank.example/next"'),
    ("nothing_inline", "<p>IBAN", '<p style="color: red">IBAN'),
    ("nothing_inline", "<p>IBAN", '<p onclick="go()">IBAN'),
    ("nothing_inline", 'href="mailto:office@example.be"', 'href="javascript:go()"'),
    ("nothing_inline", ' src="/static/site.js" defer>', ">go()"),
    ("nothing_inline", "</head>", "<style>p { color: red }</style></head>"),
    ("addresses", "/static/logo.svg", "https://cdn.example/logo.svg"),
    ("addresses", "/static/logo.svg", "//cdn.example/logo.svg"),
    ("addresses", 'action="/search"', 'action="http://localhost:8001/search"'),
    ("refresh", '<noscript><meta http-equiv="refresh" content="5"></noscript>', REFRESH),
    ("no_card_numbers", "16 digits", "4000024329596391"),
    ("no_card_numbers", "16 digits", "4000 0243 2959 6391"),
    ("no_card_numbers", "16 digits", "3782 822463 10005"),
    ("no_card_numbers", ' name="number"', ' name="number" value="4000024329596391"'),
)  # fmt: skip


def site(page: str, headers: dict[str, str] = HEADERS) -> Flask:
    app = Flask("pages")
    app.test_client_class = LintingClient
    app.add_url_rule("/page", "page", lambda: Response(page, headers=headers, mimetype="text/html"))
    app.add_url_rule("/file", "file", lambda: Response("4000024329596391", mimetype="text/plain"))
    app.add_url_rule("/old", "old", lambda: Response("<p>Moved", 303, {"Location": "/page"}))
    return app


def findings(page: str, headers: dict[str, str] = HEADERS) -> str:
    with pytest.raises(AssertionError) as caught:
        site(page, headers).test_client().get("/page")
    return str(caught.value)


def test_a_sound_page_passes() -> None:
    assert site(SOUND).test_client().get("/page").status_code == 200


@pytest.mark.parametrize(("rule", "sound", "faulty"), FAULTS)
def test_each_fault_is_found(rule: str, sound: str, faulty: str) -> None:
    site(SOUND).test_client().get("/page")
    assert sound in SOUND
    found = findings(SOUND.replace(sound, faulty))
    assert f"\n  {rule}: " in found


def test_a_page_that_differs_in_its_tokens_alone_is_looked_at_once_and_none_without() -> None:
    token = "IjlhNTE1Y2IzNTNkNTMyMDg3ZDIzZDYzMTgyNTExYzUw.aw7pVg._Vg04xxf3tQDn3iIXOpCdPItymA"
    marked = {DRAWN.sub("#", SOUND.replace('"t"', f'"{one}"')) for one in (token, token[1:], "")}

    assert len(marked) == 2


@pytest.mark.parametrize("header", HEADERS)
def test_each_missing_header_is_found(header: str) -> None:
    kept = {name: value for name, value in HEADERS.items() if name != header}
    assert f"{header}" in findings(SOUND, kept)


def test_a_loose_policy_is_found() -> None:
    loose = HEADERS | {"Content-Security-Policy": "default-src 'unsafe-inline'; frame-ancestors 'none'"}
    assert "unsafe-inline" in findings(SOUND, loose)


def test_every_rule_has_a_fault() -> None:
    assert {rule for rule, *_ in FAULTS} | {"headers"} == {rule.__name__ for rule in RULES}


def test_all_findings_come_at_once() -> None:
    found = findings(SOUND.replace(' lang="fr"', "").replace("<button>Go", "<button>"))
    assert "language: " in found
    assert "named_controls: " in found


def test_card_number_is_not_repeated() -> None:
    assert "4000024329596391" not in findings(SOUND.replace("16 digits", "4000024329596391"))


def test_redirects_and_files_are_left_alone() -> None:
    client = site(SOUND).test_client()
    assert client.get("/old").status_code == 303
    assert client.get("/file").status_code == 200


def test_followed_redirect_is_linted() -> None:
    with pytest.raises(AssertionError, match="language: "):
        site(SOUND.replace(' lang="fr"', "")).test_client().get("/old", follow_redirects=True)


def test_another_website_has_other_rules() -> None:
    app = site(SOUND.replace("16 digits", "4000024329596391").replace(' name="csrf_token"', ' name="cres"'))
    client = cast("LintingClient", app.test_client())
    client.rules = LintRules(csrf=False, card_numbers=("/page",))
    assert client.get("/page").status_code == 200


def test_form_may_post_to_known_bank() -> None:
    away = SOUND.replace(' name="csrf_token"', ' name="creq"').replace("/next", "http://127.0.0.1:8001/next")
    client = cast("LintingClient", site(away).test_client())
    client.rules = LintRules(origins=("http://127.0.0.1:8001",))
    assert client.get("/page").status_code == 200
