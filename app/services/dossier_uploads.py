"""An office's own file of dossiers: what was read of it waits to be looked at, then is brought in once."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from app.context import Context
from app.domain.caps import UPLOAD_LIFE
from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.domain.history import OfficeEventType
from app.models import DossierUpload
from app.models.event import record_office_event, record_row_count
from app.models.office import MandateState
from app.services.dossier_file import MOST_DOSSIERS, OFFICE_RULES, DossierLine, parse_dossier_file
from app.services.dossier_import import ImportSummary, PlannedLine, apply_plan, plan_import, summarize
from app.services.sign_in import SignedInAccountant


@dataclass(frozen=True)
class DossierUploadService:
    """The file has no say over office or accountant: it is the office of who is signed in."""

    context: Context

    def keep_file(self, raw: bytes, who: SignedInAccountant) -> str:
        """Keep the lines of a file in place of an earlier one; return their name. Raise InvalidFile."""
        entries = parse_dossier_file(raw, OFFICE_RULES, MOST_DOSSIERS).entries
        rows = [(e.line, e.code, e.name, e.bank, e.iban, e.state) for e in entries]
        public_id = secrets.token_hex(12)
        kept = {"office_id": who.office_id, "public_id": public_id, "uploaded_at": self.context.clock()}
        try:
            with self.context.database.write_connection() as connection:
                connection.execute(delete(DossierUpload).where(DossierUpload.office_id == who.office_id))
                connection.execute(insert(DossierUpload).values(lines=json.dumps(rows), **kept))
        except IntegrityError:
            raise InvalidFile(FileFault(FileProblem.BUSY)) from None
        return public_id

    def plan_upload(self, public_id: str, who: SignedInAccountant) -> Sequence[PlannedLine]:
        """Tell what the lines would do now; none where they have been brought in, replaced or forgotten."""
        with self.context.database.read_connection() as connection:
            return self._plan(connection, public_id, who)

    def import_upload(
        self, public_id: str, who: SignedInAccountant, *, with_doubtful: bool
    ) -> ImportSummary | None:
        """Bring the lines in, those in doubt only if they are wanted; None where there are none any more."""
        with self.context.database.write_connection() as connection:
            plan = self._plan(connection, public_id, who)
            if not plan:
                return None
            wanted = [planned for planned in plan if with_doubtful or planned.doubt is None]
            apply_plan(connection, who.office_id, wanted)
            connection.execute(delete(DossierUpload).where(DossierUpload.office_id == who.office_id))
            kind, now = OfficeEventType.DOSSIERS_IMPORTED, self.context.clock()
            event = record_office_event(connection, who.office_id, kind, who.actor, now, "dossiers")
            summary = summarize(wanted)
            record_row_count(connection, event, summary.created + summary.updated)
        return summary

    def _plan(self, connection: Connection, public_id: str, who: SignedInAccountant) -> list[PlannedLine]:
        kept = select(DossierUpload.lines).where(
            DossierUpload.office_id == who.office_id,
            DossierUpload.public_id == public_id,
            DossierUpload.uploaded_at > self.context.clock() - UPLOAD_LIFE,
        )
        lines = json.loads(connection.execute(kept).scalar_one_or_none() or "[]")
        entries = [
            DossierLine(line, code, name, bank, iban, MandateState(state))
            for line, code, name, bank, iban, state in lines
        ]
        return plan_import(connection, who.office_id, entries) if entries else []
