"""How accountants come in and leave: one-time links by mail, sessions that are rows."""

from app.accountants.sessions import Sessions
from app.accountants.sign_ins import SignInService
from app.accountants.staff import Staff


class Visits(SignInService, Sessions, Staff):
    """All use cases of the portal's door; each chapter stands in a module of its own."""
