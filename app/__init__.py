"""CARO activation: the composition root, where settings, clock, bank and mail become one application."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from app.bank.app_client import BankAppClient
from app.bank.gateway import BankAppGateway, BankGateway
from app.bank.http import HttpEndpoint, is_silence
from app.bank.three_d_secure import ThreeDSecureClient
from app.circuit_breaker import CircuitBreaker
from app.clock import Clock, Stopwatch, system_clock, system_stopwatch
from app.context import Context, Policy
from app.db import Database
from app.i18n import require_catalogues
from app.logs import configure_logging, log
from app.mail.mail_context import LastRefusal, read_last_refusal
from app.mail.outbox import Outbox
from app.mail.rendering import MailRenderer
from app.mail.rendering import init_app as init_mails
from app.mail.smtp import SmtpRelay, SmtpTransport
from app.mail.transports import MaildirTransport, MailTransport
from app.models import PublishedTerms
from app.paths import STATIC
from app.portal import init_app as mount_portal
from app.portal.preview import routes as preview
from app.portal.preview.preview_journey import PreviewJourney
from app.settings import Settings, load_settings
from app.tokens import TokenSigner
from app.web.extensions import Services
from app.web.rates import RateCounter, RateStore, open_rate_store
from app.web.request_tracing import AccessLog
from app.web.setup import init_app
from app.web.terms_rendering import render_terms
from app.wizard import init_app as mount_wizard
from app.wizard import register_preview


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    stopwatch: Stopwatch = system_stopwatch,
    bank: BankGateway | None = None,
    bank_app: BankAppGateway | None = None,
    transport: MailTransport | None = None,
    access_log: AccessLog | None = None,
) -> Flask:
    """Build the application; raise InvalidSettings, BadCatalogues, MissingTerms or TermsChanged."""
    settings = settings or load_settings()
    require_catalogues()
    configure_logging(settings.log_level)
    return build_app(
        build_services(
            settings, clock=clock, stopwatch=stopwatch, bank=bank, bank_app=bank_app, transport=transport
        ),
        access_log,
    )


class _Product(Flask):
    """Flask, which looks at each function of each request again to see whether it is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none here is one."""
        return func


def build_app(services: Services, access_log: AccessLog | None = None) -> Flask:
    """Mount the pages on what they use."""
    app = _Product(__name__, static_folder=str(STATIC))
    init_app(app, services, access_log)
    init_mails(app)
    _mount_pages(app)
    if services.settings.simulation:
        _init_tester_pages(app)
    return app


def _mount_pages(app: Flask) -> None:
    mount_wizard(app)
    mount_portal(app)
    # Blueprints do not know each other; the preview is the cardholder's own pages within the portal.
    register_preview(app, preview.bp, preview.SUBJECT_PATH, PreviewJourney)


def _publish_terms(services: Services) -> None:
    try:
        # Where there are no tables yet, `caro migrate` makes them and publishes.
        if inspect(services.database.writing).has_table(PublishedTerms.__tablename__):
            services.terms.publish()
    except DBAPIError as error:
        # A database that is away does not stop a start.
        log.warning("terms_not_published", error=type(error.orig).__name__)
    finally:
        services.database.close_connections()


def _init_tester_pages(app: Flask) -> None:
    # Only here: a production server does not even load the testers' pages, nor the table of test cards.
    from app.qa import init_app as mount_qa

    mount_qa(app)


def build_services(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    stopwatch: Stopwatch = system_stopwatch,
    bank: BankGateway | None = None,
    bank_app: BankAppGateway | None = None,
    transport: MailTransport | None = None,
    rate_store: RateStore | None = None,
    database: Database | None = None,
) -> Services:
    """Build what the pages, the command line and the worker share; the conditions are published then."""
    context = _create_context(settings, database or Database(settings.database_url), clock, stopwatch)
    endpoint = create_bank_endpoint(settings, _create_bank_breaker(settings, stopwatch))
    mails = _create_renderer(settings, context), transport or _create_transport(settings)
    services = Services(
        settings,
        context,
        bank or _create_three_d_secure_client(settings, endpoint),
        bank_app or _create_bank_app_gateway(settings, endpoint),
        Outbox(context.database, clock, stopwatch, *mails, any_hour=settings.simulation),
        RateCounter(rate_store or open_rate_store(settings.rate_storage), stopwatch),
        render_terms(settings.terms_version, settings.operator),
    )
    _publish_terms(services)
    return services


def _create_context(settings: Settings, database: Database, clock: Clock, stopwatch: Stopwatch) -> Context:
    return Context(
        database=database,
        clock=clock,
        stopwatch=stopwatch,
        tokens=_create_tokens(settings),
        policy=Policy(
            link_life=settings.link_life,
            reminder_days=settings.reminder_days,
            caps=settings.caps,
            build=settings.build,
            terms_version=settings.terms_version,
            session_retention=timedelta(days=settings.session_retention_days),
            mail_retention=settings.mail_retention,
            any_hour=settings.simulation,
        ),
    )


def _create_tokens(settings: Settings) -> TokenSigner:
    return TokenSigner([key.get_secret_value() for key in settings.secret_keys], settings.public_url)


def _create_renderer(settings: Settings, context: Context) -> MailRenderer:
    def refusal(activation_id: int) -> LastRefusal | None:
        with context.database.read_connection() as connection:
            return read_last_refusal(connection, activation_id)

    return MailRenderer(
        context.tokens,
        settings.public_url,
        settings.mail_sender,
        refusal,
        settings.link_life,
        settings.caps,
        settings.terms_version,
    )


def create_bank_client(settings: Settings) -> ThreeDSecureClient:
    """Return who talks to the bank's server, with nothing that keeps it from asking."""
    return _create_three_d_secure_client(settings, create_bank_endpoint(settings))


def _create_bank_breaker(settings: Settings, stopwatch: Stopwatch) -> CircuitBreaker | None:
    # Testers ask for silent banks, and must not keep each other from others.
    if settings.simulation:
        return None
    return CircuitBreaker("bank", stopwatch, is_silence, calls=settings.bank_calls)


def _create_three_d_secure_client(settings: Settings, endpoint: HttpEndpoint) -> ThreeDSecureClient:
    return ThreeDSecureClient(
        endpoint=endpoint,
        api_key=settings.bank_api_key.get_secret_value(),
        challenge_origins=settings.challenge_origins,
    )


def _create_bank_app_gateway(settings: Settings, endpoint: HttpEndpoint) -> BankAppGateway:
    return BankAppClient(endpoint, settings.bank_api_key.get_secret_value())


def create_bank_endpoint(settings: Settings, breaker: CircuitBreaker | None = None) -> HttpEndpoint:
    """Return how the bank's server is reached."""
    seconds = settings.bank_connect_seconds, settings.bank_deadline_seconds
    return HttpEndpoint(settings.bank_url, *seconds, breaker=breaker)


def _create_transport(settings: Settings) -> MailTransport:
    if not settings.smtp_host:
        return MaildirTransport(settings.mail_folder)
    return SmtpTransport(create_relay(settings), parseaddr(settings.mail_sender)[1])


def create_relay(settings: Settings) -> SmtpRelay:
    """Return how the relay is reached."""
    return SmtpRelay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        seconds=settings.smtp_seconds,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
    )
