"""Who is signed in to the portal, by the cookie that a browser shows."""

from flask import g, request

from app.i18n import follow_language
from app.services.sign_in import SignedInAccountant
from app.web.cookies import portal_cookie_name
from app.web.extensions import services


def find_current_accountant() -> SignedInAccountant | None:
    """Return who is signed in, None for everybody else."""
    secret = request.cookies.get(portal_cookie_name(services().settings))
    return services().sign_in.find_session(secret) if secret else None


def recognise_accountant() -> SignedInAccountant | None:
    """Return who is signed in, and make the page theirs: its menu and its language."""
    accountant = find_current_accountant()
    if accountant:
        g.accountant = accountant
        follow_language(accountant.language)
    return accountant
