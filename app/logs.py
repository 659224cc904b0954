"""Structured logs: one JSON line each, from which card numbers, links and addresses are struck out."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_LONGEST = 200
_REDACTIONS = (
    (re.compile(r"(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)"), "[digits]"),
    (re.compile(r"/a/[^\s\"']+"), "/a/[link]"),
    (re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+"), "[address]"),
)


def redact(text: str) -> str:
    """Strike out what must never be written down, and cut what is too long."""
    for pattern, mark in _REDACTIONS:
        text = pattern.sub(mark, text)
    return text[:_LONGEST]


def configure_logging(level: str) -> None:
    """Write JSON lines at this level; every value passes the redaction, library records included."""
    chain: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_values,
    ]
    structlog.configure(
        processors=[*chain, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain, processor=structlog.processors.JSONRenderer()
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _redact_values(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redact(value) if isinstance(value, str) else value for key, value in fields.items()}
