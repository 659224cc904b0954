"""What must hold whoever was killed when: a sentence each, and how it is looked up in the evidence."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.domain.banks import BANKS, ActivationRoute
from app.domain.file_rules import FileProblem
from app.domain.history import AttemptOutcome, MailKind
from app.domain.states import ActivationState
from app.mail.office_mail_context import digest_id
from app.services.invitations import ActionOutcome
from tests.support.cardholder_steps import CARD
from tests.trust.actors import DOMAIN
from tests.trust.evidence import TrustEvidence


@dataclass(frozen=True)
class BrokenPromise:
    """How many things were looked at, and which of them break the promise."""

    seen: int
    broken: list[str]


@dataclass(frozen=True)
class Promise:
    """One sentence, and the search for what breaks it."""

    words: str
    look: Callable[[TrustEvidence], BrokenPromise]
    #: Whether it holds at any moment, and not only once all has come to rest.
    always: bool = False


def _acknowledged(evidence: TrustEvidence) -> BrokenPromise:
    """An attempt and a bulk order leave no line in the history of a request; every other step does."""
    done = Counter(evidence.events)
    done.update({("confirmed", row.public_id) for row in evidence.order_rows})
    for attempt in evidence.attempts:
        done["submitted", attempt.public_id] += 1
    acknowledged = evidence.acknowledged
    missing = [
        f"{ack.done} {ack.public_id}"
        for ack, times in acknowledged.items()
        if done[ack.done, ack.public_id] < times
    ]
    return BrokenPromise(acknowledged.total(), missing)


def _reserved(evidence: TrustEvidence) -> BrokenPromise:
    kept = {attempt.transaction for attempt in evidence.attempts}
    return BrokenPromise(len(evidence.at_bank), [one for one in evidence.at_bank if one not in kept])


def _concluded(evidence: TrustEvidence) -> BrokenPromise:
    left = [attempt.transaction for attempt in evidence.attempts if attempt.concluded_at is None]
    return BrokenPromise(len(evidence.attempts), left)


def _activated(evidence: TrustEvidence) -> BrokenPromise:
    signed = Counter(one.public_id for one in evidence.attempts if one.outcome is AttemptOutcome.SUCCEEDED)
    wrong = [
        one.public_id
        for one in evidence.activations
        if {evidence.events["activated", one.public_id], *_signatures(signed, one)}
        != {one.state in (ActivationState.ACTIVE, ActivationState.REVOKED)}
    ]
    return BrokenPromise(len(evidence.activations), wrong)


def _signatures(signed: Counter[str], activation: Any) -> Iterable[int]:
    """Count them, where the bank's page asks for one; in a bank's own app there is no attempt."""
    return () if BANKS[activation.bank].route is ActivationRoute.BANK_APP else (signed[activation.public_id],)


def _consented(evidence: TrustEvidence) -> BrokenPromise:
    given = Counter((consent.public_id, consent.generation) for consent in evidence.consents)
    without = {one.public_id for one in evidence.attempts} - {public_id for public_id, _ in given}
    return BrokenPromise(len(given), [*_repeated(given), *without])


def _one_of_a_kind(evidence: TrustEvidence) -> BrokenPromise:
    kinds = Counter((mail.public_id, mail.kind, mail.round) for mail in evidence.outbox)
    return BrokenPromise(len(kinds), list(_repeated(kinds)))


def _ordered_once(evidence: TrustEvidence) -> BrokenPromise:
    """Placed, each a request of its own; a row whose day was over before its turn has none."""
    placed = Counter(row.activation_id for row in evidence.order_rows if row.activation_id)
    wrong = [
        f"{row.public_id}, row {row.position}"
        for row in evidence.order_rows
        if (row.outcome == ActionOutcome.DONE) != (placed[row.activation_id] == 1)
    ]
    return BrokenPromise(placed.total(), wrong)


def _rows_ended(evidence: TrustEvidence) -> BrokenPromise:
    left = [
        f"{row.public_id}, row {row.position}: {row.outcome}"
        for row in evidence.order_rows
        if row.outcome not in (ActionOutcome.DONE, FileProblem.TOO_OLD)
    ]
    return BrokenPromise(len(evidence.order_rows), left)


def _told_once(evidence: TrustEvidence) -> BrokenPromise:
    """The mails of a day follow each other for each reader."""
    again = [
        f"{later.recipient_id}, {later.covers_from}"
        for earlier, later in pairwise(evidence.digests)
        if earlier.recipient_id == later.recipient_id and later.covers_from < earlier.covers_until
    ]
    return BrokenPromise(len(evidence.digests), again)


def _delivered(evidence: TrustEvidence) -> BrokenPromise:
    """What was dropped may have left before the kill; nothing that was sent may be missing, or be strange."""
    mails = [*evidence.outbox, *evidence.digests]
    sent = {_id_of(mail) for mail in mails if mail.sent_at}
    known = {_id_of(mail) for mail in mails}
    waiting = [f"waits: {mail.id}" for mail in mails if not mail.sent_at and not mail.dead_at]
    return BrokenPromise(
        len(known), [*waiting, *(sent - set(evidence.mails)), *(set(evidence.mails) - known)]
    )


def _confirmed(evidence: TrustEvidence) -> BrokenPromise:
    active = [one.public_id for one in evidence.activations if one.state is ActivationState.ACTIVE]
    sent = {mail.public_id for mail in evidence.outbox if mail.kind is MailKind.CONFIRMATION and mail.sent_at}
    return BrokenPromise(len(active), [public_id for public_id in active if public_id not in sent])


def _repeated_mails(evidence: TrustEvidence) -> BrokenPromise:
    again = evidence.mails.total() - len(evidence.mails)
    return BrokenPromise(again, [f"{again} repeated mails"] if again > evidence.kills else [])


def _forgotten(evidence: TrustEvidence) -> BrokenPromise:
    wrong = [
        one.public_id
        for one in evidence.activations
        if one.address is not None
        # Who takes a request up again types an address anew.
        or evidence.events["address_erased", one.public_id]
        != 1 + evidence.events["relaunched", one.public_id]
    ]
    return BrokenPromise(len(evidence.activations), wrong)


def _nowhere(evidence: TrustEvidence) -> BrokenPromise:
    secrets = (f"@{DOMAIN}".encode(), CARD.number.encode())
    found = [name for name, content in evidence.written if any(secret in content for secret in secrets)]
    return BrokenPromise(len(evidence.written), found)


def _jobs(evidence: TrustEvidence) -> BrokenPromise:
    lines = evidence.log.splitlines()
    return BrokenPromise(
        len(lines), [line for line in lines if "job_failed" in line or "mail_not_written" in line]
    )


def _sound(evidence: TrustEvidence) -> BrokenPromise:
    return BrokenPromise(1, list(evidence.unsound))


PROMISES = (
    Promise("nothing that was acknowledged is missing", _acknowledged),
    Promise("what the bank knows was kept before it was asked", _reserved, always=True),
    Promise("every attempt came to an end", _concluded),
    Promise("active exactly where the bank has approved, and once", _activated, always=True),
    Promise("one consent a link, and none is missing", _consented, always=True),
    Promise("each row of an order for many is ordered once", _ordered_once, always=True),
    Promise("each row of an order for many came to an end", _rows_ended),
    Promise("no two mails of a day tell of the same time", _told_once, always=True),
    Promise("at most one mail of a kind a round", _one_of_a_kind, always=True),
    Promise("every mail was delivered, or has ended", _delivered),
    Promise("whoever is active was sent the confirmation", _confirmed),
    Promise("no more repeated mails than kills", _repeated_mails),
    Promise("every address was erased, once and on record", _forgotten),
    Promise("addresses and cards are in no file and no row", _nowhere),
    Promise("no job of the worker failed", _jobs),
    Promise("the database is sound", _sound, always=True),
)


def _id_of(mail: Any) -> str:
    """Return the Message-ID of a mail that waits or has left."""
    is_digest = mail.kind is MailKind.DIGEST
    subject = digest_id(mail.recipient_id, mail.covers_until) if is_digest else mail.public_id
    return f"<{mail.kind}.{mail.round}.{subject}@example.be>"


def _repeated(counted: Mapping[Any, int]) -> Iterable[str]:
    return (str(one) for one, times in counted.items() if times > 1)
