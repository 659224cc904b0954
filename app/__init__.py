"""CARO activation: the composition root, where settings, clock, bank and mail become one application."""

from flask import Flask

from app.activations import Activations
from app.bank.gateway import BankGateway
from app.bank.http import Endpoint
from app.bank.three_d_secure import ThreeDSecureClient
from app.clock import Clock, system_clock
from app.db import Database
from app.links import Links
from app.logs import configure_logging
from app.mail.messages import Composer
from app.mail.outbox import Outbox
from app.mail.transport import MaildirTransport, MailTransport
from app.settings import ROOT, Settings, load_settings
from app.web.setup import set_up
from app.web.wiring import Services
from app.wizard import mount as mount_wizard


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    bank: BankGateway | None = None,
    transport: MailTransport | None = None,
) -> Flask:
    """Build the application; raise BadSettings where it must not start."""
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    app = Flask(__name__, static_folder=str(ROOT / "static"))
    set_up(app, build(settings, clock=clock, bank=bank, transport=transport))
    mount_wizard(app)
    return app


def build(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    bank: BankGateway | None = None,
    transport: MailTransport | None = None,
) -> Services:
    """Build what the doors, the command line and the worker share."""
    database = Database(settings.database_url)
    links = Links([key.get_secret_value() for key in settings.secret_keys], settings.public_url)
    composer = Composer(links, settings.public_url, settings.mail_sender)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        activations=Activations(
            database=database,
            clock=clock,
            links=links,
            bank=bank or _bank(settings),
            link_life=settings.link_life,
            build=settings.build,
        ),
        outbox=Outbox(database, clock, composer, transport or MaildirTransport(settings.mail_folder)),
    )


def _bank(settings: Settings) -> ThreeDSecureClient:
    return ThreeDSecureClient(
        endpoint=Endpoint(settings.bank_url, settings.bank_connect_seconds, settings.bank_deadline_seconds),
        api_key=settings.bank_api_key.get_secret_value(),
        challenge_origins=settings.challenge_origins,
    )
