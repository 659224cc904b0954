"""One table: each page with the number of findings of each check, and below it the findings themselves."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from e2e.audit.found import AuditCheck, AuditReport

_COUNTED = (AuditCheck.AXE, AuditCheck.HTML, AuditCheck.READING)


def table(sheets: Sequence[AuditReport]) -> Iterator[str]:
    """Yield the lines of the table: a row a page, all its languages in one."""
    rows: dict[tuple[str, str], list[AuditReport]] = {}
    for sheet in sheets:
        rows.setdefault((sheet.door, sheet.name), []).append(sheet)
    width = max(len(f"{door} · {name}") for door, name in rows)
    heads = "  ".join(f"{check:>7}" for check in _COUNTED)
    yield f"{'page':{width}}  lang  {heads}  {AuditCheck.WEIGHT:>7}  {'of':>7}"
    for (door, name), row in rows.items():
        yield f"{f'{door} · {name}':{width}}  {len(row):4}  {_counts(row)}  {_weights(row)}"
    yield f"{f'{len(rows)} pages':{width}}  {len(sheets):4}  {_counts(sheets)}"


def details(sheets: Iterable[AuditReport]) -> Iterator[str]:
    """Yield each finding once, with the pages and languages that have it."""
    places: dict[tuple[AuditCheck, str], list[str]] = {}
    for sheet in sheets:
        for one in dict.fromkeys(sheet.findings):
            places.setdefault((one.check, one.text), []).append(
                f"{sheet.door} · {sheet.name} ({sheet.language})"
            )
    for (check, text), found in places.items():
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        yield f"{check}: {text}\n    {', '.join(found[:3])}{more}"


def _counts(row: Iterable[AuditReport]) -> str:
    counts = Counter(one.check for sheet in row for one in sheet.findings)
    return "  ".join(f"{counts[check] or '–':>7}" for check in _COUNTED)


def _weights(row: Iterable[AuditReport]) -> str:
    heaviest = max((sheet.weighed for sheet in row if sheet.weighed), key=lambda one: one.size)
    mark = "!" if heaviest.size >= heaviest.limit else " "
    return f"{heaviest.size:7,}{mark} {heaviest.limit:7,}"
