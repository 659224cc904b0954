"""What the demonstration tells the person, and the same for programs."""

import json
from pathlib import Path
from typing import TypedDict

from app.cli.demo.demo_environment import DemoAddresses
from app.domain.banks import APP_BANKS


class DemoInfo(TypedDict):
    """The content of demo.json."""

    base_url: str
    bank_url: str
    portal: str
    links: dict[str, str]
    mailbox: str
    qa: str


def write_demo_info(
    file: Path, places: DemoAddresses, portal: str, links: dict[str, str], mailbox: Path
) -> DemoInfo:
    """Write demo.json in one go, readable by its owner alone: the links in it are capabilities."""
    facts = DemoInfo(
        base_url=places.base_url,
        bank_url=places.bank_url,
        portal=portal,
        links=links,
        mailbox=str(mailbox),
        qa=f"{places.base_url}/qa",
    )
    draft = file.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(facts, indent=2) + "\n")
    draft.replace(file)
    return facts


_ANNOUNCEMENT = """
CARO activation is running, with a simulated bank: nothing here is real.

  Open this on a phone or in a browser, and activate:
    {invited}

  Card 4000 0243 2959 6391, any future expiry, code 123; at the bank: PIN 1234.

  Sign in to the accountant's portal (once and soon; 'caro sign-in' prints another):
    {portal}

  Other states to look at:
{others}

  Testing     {base_url}/qa  (every message, mails, time that goes by)
  Product     {base_url}/
  The bank    {bank_url}/  (test cards, and what a holder does at the bank)
  Bank apps   {apps}
  Mailbox     {mailbox}
  Logs        {logs}

  Stop everything with Ctrl-C.
"""


def format_announcement(facts: DemoInfo, logs: Path) -> str:
    """Return the block that the terminal shows once everything answers."""
    others = [f"    {state:<15} {link}" for state, link in facts["links"].items() if state != "invited"]
    apps = "  ".join(f"{facts['bank_url']}/bank-app/{bank}" for bank in APP_BANKS)
    return _ANNOUNCEMENT.format(
        **facts, apps=apps, invited=facts["links"]["invited"], others="\n".join(others), logs=logs
    )
