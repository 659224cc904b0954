"""A tester's own office: open it, find it by its key, empty it, read its mails."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session

from app.clock import Clock, Pause
from app.db import Database
from app.domain.banks import BANKS, SAMPLE_BANKS, ActivationRoute
from app.domain.telephones import SAMPLE_TELEPHONE
from app.i18n import DEFAULT_LANGUAGE
from app.mail.office_mail_context import digest_id
from app.models import (
    Accountant,
    Activation,
    Attempt,
    BulkAction,
    BulkActionRow,
    BulkOrderRow,
    ColleagueInvitation,
    Consent,
    Dossier,
    DossierUpload,
    Event,
    Mandate,
    Office,
    OfficeEvent,
    OutboxMessage,
    QaOffice,
    SignInLink,
)
from app.models.office import MandateState
from app.simulation.testing.bank_control import BankControlClient
from app.simulation.testing.maildir import MaildirReader, SentMail
from app.web.extensions import Services

#: Nobody sees the page that is skipped, and the consent says so.
UNSHOWN = hashlib.sha256(b"sandbox: no page was shown").hexdigest()


class UnknownSandboxItem(LookupError):
    """The office has no such request, mail or moment."""


class NotPossibleNow(Exception):
    """As the request stands, this cannot be tried; `code` names why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class SandboxContext:
    """The collaborators, for all offices of testers or for one of them."""

    services: Services
    bank: BankControlClient
    mailbox: MaildirReader
    pause: Pause
    office_id: int = 0

    def for_office(self, office_id: int) -> Self:
        """Return the same tools for one office alone."""
        return replace(self, office_id=office_id, services=self.services.for_office(office_id))

    @property
    def clock(self) -> Clock:
        """The product's clock."""
        return self.services.clock

    @property
    def database(self) -> Database:
        """The product's database."""
        return self.services.database

    def _mail_subjects(self) -> set[str]:
        """Return the public ids of what the office's mails are about."""
        requests = select(Activation.public_id).where(Activation.office_id == self.office_id)
        links = select(SignInLink.public_id).join(Accountant).where(Accountant.office_id == self.office_id)
        invitations = select(ColleagueInvitation.public_id).where(
            ColleagueInvitation.office_id == self.office_id
        )
        digests = select(OutboxMessage.recipient_id, OutboxMessage.covers_until).where(
            OutboxMessage.covers_until.is_not(None),
            OutboxMessage.recipient_id.in_(self._people()),
        )
        with self.database.read_connection() as connection:
            sent = {digest_id(row[0] or 0, row[1]) for row in connection.execute(digests) if row[1]}
            return sent | {
                public_id
                for subjects in (requests, links, invitations)
                for public_id in connection.execute(subjects).scalars()
            }

    def _people(self) -> Select[int]:
        return select(Accountant.id).where(Accountant.office_id == self.office_id)


class Mails(SandboxContext):
    """Reading the office's mails; those of another office do not exist."""

    def list_mails(self, activation: str | None = None, address: str | None = None) -> Sequence[SentMail]:
        """Return the mails of the office, of one request, or to one address, oldest first."""
        subjects = self._mail_subjects()
        if activation is not None:
            subjects &= {activation}
        mails = self.mailbox.find_mails(subjects)
        return [mail for mail in mails if address in (None, "", mail.parsed_message["To"])]

    def find_mail(self, mail_id: str) -> SentMail:
        """Return one mail; raise UnknownSandboxItem."""
        sent_mail = next((candidate for candidate in self.list_mails() if candidate.id == mail_id), None)
        if sent_mail is None:
            raise UnknownSandboxItem(mail_id)
        return sent_mail


#: An account at every bank that carries CARO.
ACCOUNTS: Mapping[str, str] = {bank.key: bank.sample_iban for bank in BANKS.values()}
_ARCHIVED = (SAMPLE_BANKS[ActivationRoute.LINK], "BE35068000001037")
#: By its code: the name of each dossier, and whether its mandates are active.
_DOSSIERS: Mapping[str, tuple[str, MandateState]] = {
    "ÉTOILE": ("Brasserie de l'Étoile", MandateState.ACTIVE),
    "FERMÉ": ("Ancienne Fermette", MandateState.ARCHIVED),
}


@dataclass(frozen=True)
class SandboxDossier:
    """A client of a tester's office, and the banks at which CARO can be ordered for it."""

    id: int
    code: str
    name: str
    banks: tuple[str, ...]


@dataclass(frozen=True)
class SandboxOffice:
    """A tester's own office: its people, and its dossiers with the one that can order first."""

    id: int
    name: str
    accountant: str
    colleague: str
    accountant_id: int
    dossiers: tuple[SandboxDossier, ...]

    @property
    def actor(self) -> str:
        """The accountant as the history names them."""
        return f"accountant {self.accountant_id}"

    @property
    def accounts(self) -> Mapping[str, str]:
        """The account at each bank."""
        return ACCOUNTS


class SandboxOfficeService(SandboxContext):
    """One office for each tester, or for each test; none sees another's."""

    def open_office(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Open an office and return its key, of which only the hash is kept."""
        key, sign = secrets.token_urlsafe(24), secrets.token_hex(4)
        with self.database.transaction() as session:
            office = Office(name=f"Bureau d'essai {sign}", telephone=SAMPLE_TELEPHONE)
            session.add(office)
            session.flush()
            session.add(QaOffice(office_id=office.id, key_sha256=_hash_key(key), opened_at=self.clock()))
            for person in ("anne", "marc"):
                email = f"{person}@bureau-{sign}.example"
                session.add(Accountant(office_id=office.id, email=email, language=language))
            _add_dossiers(session, office.id)
        return key

    def find_office(self, key: str) -> SandboxOffice | None:
        """Return the office that a key opens."""
        query = select(QaOffice.office_id).where(QaOffice.key_sha256 == _hash_key(key))
        with self.database.transaction() as session:
            office_id = session.execute(query).scalar_one_or_none()
            return None if office_id is None else _read_office(session, office_id)

    def reset_office(self) -> None:
        """Remove all requests of the office and what hangs on them, its mails, and what the bank knows."""
        subjects, (references, name) = self._mail_subjects(), self._collect_traces()
        self.bank.forget_office(name, references)
        with self.database.transaction() as session:
            office = self._locked_office()
            own_activations = select(Activation.id).where(Activation.office_id == office)
            links = select(SignInLink.id).join(Accountant).where(Accountant.office_id == office)
            session.execute(delete(OutboxMessage).where(OutboxMessage.sign_in_link_id.in_(links)))
            self._remove_invitations(session)
            news = OutboxMessage.recipient_id.in_(self._people()) & OutboxMessage.covers_until.is_not(None)
            session.execute(delete(OutboxMessage).where(news))
            own_events = select(OfficeEvent.id).where(OfficeEvent.office_id == self._locked_office())
            bulk_actions = select(BulkAction.id).where(BulkAction.event_id.in_(own_events))
            for kind in (BulkActionRow, BulkOrderRow):
                session.execute(delete(kind).where(kind.bulk_action_id.in_(bulk_actions)))
            session.execute(delete(DossierUpload).where(DossierUpload.office_id == self._locked_office()))
            session.execute(delete(BulkAction).where(BulkAction.event_id.in_(own_events)))
            session.execute(delete(OfficeEvent).where(OfficeEvent.office_id == self._locked_office()))
            for row in (OutboxMessage, Event, Consent, Attempt):
                session.execute(delete(row).where(row.activation_id.in_(own_activations)))
            session.execute(delete(Activation).where(Activation.office_id == office))
            session.execute(update(Dossier).where(Dossier.office_id == office).values(ordered=False))
        self.mailbox.remove_mails(subjects)
        self.database.truncate_wal()

    def _remove_invitations(self, session: Session) -> None:
        own = ColleagueInvitation.office_id == self._locked_office()
        invitations = select(ColleagueInvitation.id).where(own)
        session.execute(delete(OutboxMessage).where(OutboxMessage.invitation_id.in_(invitations)))
        session.execute(delete(ColleagueInvitation).where(own))

    def _collect_traces(self) -> tuple[Sequence[str], str]:
        """Return the client references of the office's requests, and its name."""
        references = select(Activation.client_reference).where(Activation.office_id == self._locked_office())
        named = select(Office.name).where(Office.id == self.office_id)
        with self.database.read_connection() as connection:
            return connection.scalars(references).all(), connection.scalars(named).one()

    def _locked_office(self) -> ColumnElement[int]:
        """Return the office where testers own it: whatever is called, no other is ever touched."""
        return select(QaOffice.office_id).where(QaOffice.office_id == self.office_id).scalar_subquery()


def _hash_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _add_dossiers(session: Session, office_id: int) -> None:
    for code, (name, state) in _DOSSIERS.items():
        dossier = Dossier(office_id=office_id, code=code, name=name)
        session.add(dossier)
        session.flush()
        accounts = ACCOUNTS.items() if state is MandateState.ACTIVE else (_ARCHIVED,)
        session.add_all(
            Mandate(dossier_id=dossier.id, bank=bank, iban=iban, state=state) for bank, iban in accounts
        )


def _read_office(session: Session, office_id: int) -> SandboxOffice:
    name = session.scalars(select(Office.name).where(Office.id == office_id)).one()
    people = select(Accountant).where(Accountant.office_id == office_id).order_by(Accountant.id)
    first, second, *_more = session.scalars(people)
    rows = session.scalars(select(Dossier).where(Dossier.office_id == office_id).order_by(Dossier.id))
    dossiers = tuple(
        SandboxDossier(row.id, row.code, row.name, tuple(_dossier_banks(session, row.id))) for row in rows
    )
    return SandboxOffice(office_id, name, first.email, second.email, first.id, dossiers)


def _dossier_banks(session: Session, dossier_id: int) -> Sequence[str]:
    active = (Mandate.dossier_id == dossier_id, Mandate.state == MandateState.ACTIVE)
    return session.scalars(select(Mandate.bank).where(*active).order_by(Mandate.id)).all()
