"""Mandats & services > CARO: one row for each dossier and reference."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.portal.door import room

requests = room("requests")


@requests.get("/")
def home() -> Response:
    """Lead to the list."""
    return redirect(url_for(".listing"), 303)


@requests.get("/caro")
def listing() -> str:
    """Show the office's dossiers and where each request stands."""
    return render_template("portal/requests.html")
