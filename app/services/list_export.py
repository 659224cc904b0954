"""Handing out the list as a file: every row that is asked for, and a line about who took it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from app.context import Context
from app.domain.history import OfficeEventType
from app.models.event import record_office_event, record_row_count
from app.queries.activation_list import ActivationRow, read_chosen_activations, stream_activations
from app.queries.list_query import ListQuery
from app.services.sign_in import SignedInAccountant


class ExportFormat(StrEnum):
    """The formats of a file, as its name ends."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class ListExportService:
    """The rows that leave the portal, and their trace."""

    context: Context

    def export_list(
        self,
        list_query: ListQuery,
        export_format: ExportFormat,
        who: SignedInAccountant,
        chosen: Sequence[str] = (),
    ) -> Iterator[ActivationRow]:
        """Record who takes which rows, then hand them out in their order: the chosen ones, or else all.

        Nothing is handed out that was not recorded; the line gets its number of rows with the last of them.
        """
        what = "selected" if chosen else _describe_filter(list_query)
        detail = f"{export_format} {what}".strip()
        with self.context.database.write_connection() as connection:
            event_id = record_office_event(
                connection,
                who.office_id,
                OfficeEventType.LIST_EXPORTED,
                who.actor,
                self.context.clock(),
                detail,
            )
        if chosen:
            return self._count_rows(read_chosen_activations(self.context, chosen), event_id)
        return self._count_rows(stream_activations(self.context, list_query), event_id)

    def _count_rows(self, rows: Iterable[ActivationRow], event_id: int) -> Iterator[ActivationRow]:
        count = 0
        for row in rows:
            yield row
            count += 1
        with self.context.database.write_connection() as connection:
            record_row_count(connection, event_id, count)


def _describe_filter(list_query: ListQuery) -> str:
    """Write the filter as an address has it, but for words that were searched: they may be anybody's."""
    arguments = list_query.to_arguments()
    return urlencode(arguments | {"q": "*"} if "q" in arguments else arguments, safe="*")
