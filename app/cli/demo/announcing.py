"""What the demonstration tells the person, and the same for programs."""

import json
from pathlib import Path
from typing import TypedDict

from app.cli.demo.places import Places


class Facts(TypedDict):
    """The content of demo.json."""

    base_url: str
    bank_url: str
    portal: str
    links: dict[str, str]
    mailbox: str


def write_facts(file: Path, places: Places, portal: str, links: dict[str, str], mailbox: Path) -> Facts:
    """Write demo.json in one go, readable by its owner alone: the links in it are capabilities."""
    facts = Facts(
        base_url=places.base_url,
        bank_url=places.bank_url,
        portal=portal,
        links=links,
        mailbox=str(mailbox),
    )
    draft = file.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(facts, indent=2) + "\n")
    draft.replace(file)
    return facts


def announcement(facts: Facts, logs: Path) -> str:
    """Return the block that the terminal shows once everything answers."""
    return "\n".join(
        [
            "",
            "CARO activation is running, with a simulated bank: nothing here is real.",
            "",
            "  Open this on a phone or in a browser, and activate:",
            f"    {facts['links']['invited']}",
            "",
            "  Card 4000 0243 2959 6391, any future expiry, code 123; at the bank: PIN 1234.",
            "",
            "  Sign in to the accountant's portal (once, for 15 minutes; 'caro sign-in' prints another):",
            f"    {facts['portal']}",
            "",
            "  Other states to look at:",
            *(f"    {state:<15} {link}" for state, link in facts["links"].items() if state != "invited"),
            "",
            f"  Product     {facts['base_url']}/",
            f"  The bank    {facts['bank_url']}/  (test cards, and what a holder does at the bank)",
            f"  Bank app    {facts['bank_url']}/bank-app/kbc  (of KBC; /bank-app/cbc is that of CBC)",
            f"  Mailbox     {facts['mailbox']}",
            f"  Logs        {logs}",
            "",
            "  Stop everything with Ctrl-C.",
            "",
        ]
    )
