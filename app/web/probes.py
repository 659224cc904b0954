"""What only the operator may ask: can it work, and what is in it."""

from flask import Blueprint, Response

from app.models.schema import is_schema_current
from app.web.metrics import CONTENT_TYPE, metrics_text
from app.web.wiring import services

probes = Blueprint("probes", __name__)


@probes.get("/metrics")
def metrics() -> Response:
    """Tell an operator's Prometheus how many there are of what, and how late the worker is."""
    return Response(metrics_text(services().activations.read_totals()), content_type=CONTENT_TYPE)


@probes.get("/readyz")
def readyz() -> Response:
    """Answer 200 while the database can be read and has the schema that this code expects."""
    ready = is_schema_current(services().database)
    return Response(
        "ready\n" if ready else "the schema is not current\n", 200 if ready else 503, mimetype="text/plain"
    )
