"""The mail that lets an accountant into the portal."""

from app.i18n import _
from app.mail.contents.blocks import Button, Paragraph, RenderedMail, SmallPrint
from app.mail.contents.facts import single_line
from app.mail.mail_context import SignInMailContext
from app.tokens import TokenSigner


def sign_in(letter: SignInMailContext, links: TokenSigner) -> RenderedMail:
    """Hand over the one-time link, and say what to do with one that was not asked for."""
    return RenderedMail(
        subject=_("Your link to sign in to CARO"),
        preview=_("This link works once, for 15 minutes."),
        blocks=(
            Paragraph(_("Hello,")),
            Paragraph(
                _(
                    "Someone, probably you, asked to sign in to the CARO portal of %(office)s.",
                    office=single_line(letter.office),
                )
            ),
            Button(_("Sign in"), links.sign_in_url(letter.public_id)),
            Paragraph(_("The link works once, within 15 minutes of your request.")),
            SmallPrint(
                _(
                    "If you did not ask for it, you do not need to do anything: without this email, nobody "
                    "can use the link."
                )
            ),
        ),
    )
