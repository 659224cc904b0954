"""Alerts and dashboard ask for nothing that the listener does not serve, and the page lists all of it."""

import json
import re
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from app.domain.bank_results import BankFaultKind
from app.logs import SecurityEvent
from app.metrics import BANK_SECONDS, BREAKER_OPEN, REQUEST_SECONDS
from app.paths import ROOT
from app.web.extensions import Services

ALERTS = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "caro.json").read_text())
PAGE = (ROOT / "docs" / "watch.md").read_text()
EXPRESSIONS = [
    *re.findall(r"^ +expr: (.+)$", ALERTS, re.MULTILINE),
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]),
]
METRIC = re.compile(r"(caro_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"')
GROUPED = re.compile(r"\bby \(([^)]*)\)")


@pytest.fixture
def served(ops: Client, app: Flask, services: Services) -> Mapping[str, Mapping[str, set[str]]]:
    """The values that each label may have, by the name of a series."""
    services.worker_health.record_heartbeat("a host")
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(ops.get("/metrics").text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    statuses = {f"{digit}xx" for digit in range(1, 6)}
    measured = {
        REQUEST_SECONDS: {"endpoint": {*app.view_functions, "none"}, "method": {"GET"}, "status": statuses},
        BANK_SECONDS: {"outcome": {*BankFaultKind, *statuses}},
    }
    assert BREAKER_OPEN._labelnames == ("neighbour",)
    found["caro_breaker_open"] = {"neighbour": {"bank", "database", "rates"}}
    for histogram, labels in measured.items():
        assert set(histogram._labelnames) == set(labels)
        for ending in ("count", "sum", "bucket"):
            bounds = {"le": {"+Inf"}} if ending == "bucket" else {}
            found[f"{next(iter(histogram.describe())).name}_{ending}"] = {**labels, **bounds}
    return found


def unserved(expression: str, served: Mapping[str, Mapping[str, set[str]]]) -> Iterator[str]:
    """Yield the series, labels and values of an expression that are never there."""
    grouped = {label for labels in GROUPED.findall(expression) for label in labels.split(", ")}
    for name, matchers in METRIC.findall(expression):
        labels = served.get(name)
        if labels is None:
            yield name
            continue
        yield from grouped - labels.keys()
        for label, values in MATCHER.findall(matchers):
            yield from set(values.split("|")) - labels.get(label, set())


def test_each_series_and_label_is_served(served: Mapping[str, Mapping[str, set[str]]]) -> None:
    assert len(EXPRESSIONS) == ALERTS.count("expr:") + len(DASHBOARD["panels"])
    assert all(map(METRIC.search, EXPRESSIONS))
    missing = {expression: [*unserved(expression, served)] for expression in EXPRESSIONS}
    assert {expression: names for expression, names in missing.items() if names} == {}


def test_each_alert_metric_and_security_line_stands_on_the_page(
    served: Mapping[str, Mapping[str, set[str]]],
) -> None:
    alerts = re.findall(r"alert: (\w+)", ALERTS)
    families = {re.sub(r"_(count|sum|bucket)$", "", name) for name in served}
    names = (*alerts, *sorted(families), *SecurityEvent)
    assert [name for name in names if f"`{name}`" not in PAGE] == []
