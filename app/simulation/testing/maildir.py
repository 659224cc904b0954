"""Reading the mails that were sent, as their recipients have them: only what is about one office."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True)
class SentMail:
    """One mail as it was sent: its own name, what it is about, and its bytes."""

    id: str
    subject_id: str
    kind: str
    raw: bytes = field(repr=False)

    @property
    def parsed_message(self) -> EmailMessage:
        """The mail, parsed."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101  # the policy's own kind of message
        return parsed


@dataclass(frozen=True)
class _MailIdentity:
    """What a mail says of itself in its Message-ID: kind, round, and the public id of its subject."""

    kind: str
    public_id: str


@dataclass(frozen=True)
class MaildirReader:
    """The Maildir that stands for all mailboxes; a file never changes, so its heading is read once."""

    folder: Path
    _known: dict[str, _MailIdentity] = field(default_factory=dict, repr=False)

    def find_mails(self, public_ids: Collection[str]) -> Sequence[SentMail]:
        """Return the mails about these requests and sign-in links, oldest first."""
        matches = [
            (path, identity)
            for path in self._mail_files()
            if (identity := self._read_identity(path)).public_id in public_ids
        ]
        return [self._to_sent_mail(path, identity) for path, identity in matches]

    def remove_mails(self, public_ids: Collection[str]) -> None:
        """Remove the mails about these requests and sign-in links."""
        for path in self._mail_files():
            if self._read_identity(path).public_id in public_ids:
                path.unlink(missing_ok=True)
                self._known.pop(path.name, None)

    def _mail_files(self) -> Sequence[Path]:
        files = [(path.stat().st_mtime_ns, path.name, path) for path in (self.folder / "new").glob("*")]
        return [path for *_when, path in sorted(files)]

    def _read_identity(self, path: Path) -> _MailIdentity:
        if path.name not in self._known:
            self._known[path.name] = _parse_identity(path)
        return self._known[path.name]

    def _to_sent_mail(self, path: Path, identity: _MailIdentity) -> SentMail:
        name = hashlib.sha256(path.name.encode()).hexdigest()[:20]
        return SentMail(name, identity.public_id, identity.kind, path.read_bytes())


def _parse_identity(path: Path) -> _MailIdentity:
    with path.open("rb") as file:
        for line in file:
            name, _, value = line.decode("ascii", "replace").partition(":")
            if name.lower() == "message-id":
                kind, _round, public_id = value.strip(" <>\r\n").partition("@")[0].split(".")
                return _MailIdentity(kind, public_id)
            if not line.strip():
                break
    return _MailIdentity("", "")
