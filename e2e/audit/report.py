"""One table: each page with the number of findings of each check, and below it the findings themselves."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from e2e.audit.found import Check, Sheet

_COUNTED = (Check.AXE, Check.HTML, Check.READING)


def table(sheets: Sequence[Sheet]) -> Iterator[str]:
    """Yield the lines of the table: a row a page, all its languages in one."""
    rows: dict[tuple[str, str], list[Sheet]] = {}
    for sheet in sheets:
        rows.setdefault((sheet.door, sheet.name), []).append(sheet)
    width = max(len(f"{door} · {name}") for door, name in rows)
    heads = "  ".join(f"{check:>7}" for check in _COUNTED)
    yield f"{'page':{width}}  lang  {heads}  {Check.WEIGHT:>7}  {'of':>7}"
    for (door, name), row in rows.items():
        yield f"{f'{door} · {name}':{width}}  {len(row):4}  {_counts(row)}  {_weights(row)}"
    yield f"{f'{len(rows)} pages':{width}}  {len(sheets):4}  {_counts(sheets)}"


def details(sheets: Iterable[Sheet]) -> Iterator[str]:
    """Yield each finding once, with the pages and languages that have it."""
    places: dict[tuple[Check, str], list[str]] = {}
    for sheet in sheets:
        for one in dict.fromkeys(sheet.findings):
            places.setdefault((one.check, one.text), []).append(
                f"{sheet.door} · {sheet.name} ({sheet.language})"
            )
    for (check, text), found in places.items():
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        yield f"{check}: {text}\n    {', '.join(found[:3])}{more}"


def _counts(row: Iterable[Sheet]) -> str:
    counts = Counter(one.check for sheet in row for one in sheet.findings)
    return "  ".join(f"{counts[check] or '–':>7}" for check in _COUNTED)


def _weights(row: Iterable[Sheet]) -> str:
    heaviest = max((sheet.weighed for sheet in row if sheet.weighed), key=lambda one: one.size)
    mark = "!" if heaviest.size >= heaviest.limit else " "
    return f"{heaviest.size:7,}{mark} {heaviest.limit:7,}"
