"""Weak or wrong settings stop the start, in one line that names the setting and never its value."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.caps import Caps
from app.i18n import LANGUAGES
from app.paths import ROOT
from app.settings import InvalidSettings, Settings, load_settings
from app.web.middleware import RATES
from tests.support.waiting import PATIENCE

STRONG = "kR7-wq2Lp9_xZ4vB6nM1sD8fG3hJ5tYc"
GOOD = {"CARO_SECRET_KEYS": STRONG, "CARO_BANK_API_KEY": STRONG}
PRODUCTION: dict[str, str | None] = {
    "CARO_PRODUCTION": "1",
    "CARO_PUBLIC_URL": "https://caro.example.be/",
    "CARO_BANK_URL": "https://bank.example.be",
    "CARO_CHALLENGE_ORIGINS": "https://acs.example.be",
    "CARO_SMTP_HOST": "smtp.example.be",
    "CARO_OPERATOR_COMPANY": "Relevés SRL",
    "CARO_OPERATOR_ENTERPRISE_NUMBER": "0987.654.312",
    "CARO_OPERATOR_ADDRESS": "Kerkstraat 2, 9000 Gent",
    "CARO_OPERATOR_CONTACT": "privacy@releves.example",
}


def load(folder: Path, changes: dict[str, str | None]) -> Settings:
    """Load the good settings with these changes; None leaves one out."""
    lines = {name: value for name, value in (GOOD | changes).items() if value is not None}
    file = folder / "caro.env"
    file.write_text("".join(f"{name}='{value}'\n" for name, value in lines.items()))
    return load_settings(file)


def refusal(folder: Path, changes: dict[str, str | None]) -> str:
    with pytest.raises(InvalidSettings) as refused:
        load(folder, changes)
    return str(refused.value)


def test_two_secrets_are_all_it_needs(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings.link_life == timedelta(days=56)
    assert settings.reminder_days == (14, 28, 42)
    assert not settings.uses_https
    assert STRONG not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CARO_SECRET_KEYS", None),
        ("CARO_SECRET_KEYS", ""),
        ("CARO_SECRET_KEYS", "changeme"),
        ("CARO_SECRET_KEYS", STRONG[:31]),
        ("CARO_SECRET_KEYS", "a1" * 20),
        ("CARO_SECRET_KEYS", f"{STRONG},short"),
        ("CARO_SECRET_KEYS", f"{STRONG},"),
        ("CARO_BANK_API_KEY", None),
        ("CARO_BANK_API_KEY", "hunter2"),
        ("CARO_BANK_API_KEY", "x" * 64),
        ("CARO_PRODUCTION", "perhaps"),
        ("CARO_DATABASE_URL", ""),
        ("CARO_DATABASE_URL", "mysql://caro:hunter2@db/caro"),
        ("CARO_DATABASE_URL", "sqlite://caro.db"),
        ("CARO_DATABASE_URL", "/var/lib/caro.db"),
        ("CARO_DATABASE_URL", "postgresql://caro:hunter2@db:port/caro"),
        ("CARO_PUBLIC_URL", ""),
        ("CARO_PUBLIC_URL", "caro.example.test"),
        ("CARO_PUBLIC_URL", "ftp://caro.example.test"),
        ("CARO_PUBLIC_URL", "https://"),
        ("CARO_PUBLIC_URL", "https://caro.example.test?a=b"),
        ("CARO_PUBLIC_URL", "https://caro.example.test#top"),
        ("CARO_PUBLIC_URL", "https://someone:hunter2@caro.example.test"),
        ("CARO_BANK_URL", "http://[::1"),
        ("CARO_BANK_URL", "http://[hunter2]"),
        ("CARO_BANK_URL", "http://127.0.0.1:hunter2"),
        ("CARO_BANK_URL", "http://127.0.0.1:99999"),
        ("CARO_CHALLENGE_ORIGINS", ""),
        ("CARO_CHALLENGE_ORIGINS", "acs.example.test"),
        ("CARO_CHALLENGE_ORIGINS", "https://acs.example.test, elsewhere"),
        ("CARO_CHALLENGE_ORIGINS", "https://acs.example.test/challenge"),
        ("CARO_BANK_CONNECT_SECONDS", "0"),
        ("CARO_BANK_DEADLINE_SECONDS", "-1"),
        ("CARO_BANK_DEADLINE_SECONDS", "soon"),
        ("CARO_BANK_DEADLINE_SECONDS", "inf"),
        ("CARO_BANK_DEADLINE_SECONDS", "nan"),
        ("CARO_REMINDER_DAYS", "14,later"),
        ("CARO_REMINDER_DAYS", "[14,"),
        ("CARO_LINK_DAYS", "long"),
        ("CARO_LINK_DAYS", "42"),
        ("CARO_LINK_DAYS", "0"),
        ("CARO_LINK_DAYS", "999999999999"),
        ("CARO_LANGUAGE", "xx"),
        ("CARO_LANGUAGE", "FR"),
        ("CARO_LOG_LEVEL", "chatty"),
        ("CARO_MAIL_SENDER", ""),
        ("CARO_MAIL_SENDER", "CARO"),
        ("CARO_MAIL_SENDER", "CARO <caro@>"),
        ("CARO_MAIL_SENDER", "CARO <caro@exämple.test>"),
        ("CARO_MAIL_SENDER", "caro@example.test, desk@example.test"),
        ("CARO_MAIL_SENDER", "CARO\nBcc: x <caro@example.test>"),
        ("CARO_TERMS_VERSION", ""),
        ("CARO_TERMS_VERSION", "2026-12"),
        ("CARO_TERMS_VERSION", "2027-02-30"),
        ("CARO_TERMS_VERSION", "20270301"),
        ("CARO_OPERATOR_COMPANY", ""),
        ("CARO_OPERATOR_ADDRESS", "Kerkstraat 2\n9000 Gent"),
        ("CARO_OPERATOR_CONTACT", "nobody"),
        ("CARO_SMTP_HOST", "smtp.example.test:587"),
        ("CARO_SMTP_HOST", "smtp://smtp.example.test"),
        ("CARO_SMTP_HOST", "smtp..example.test"),
        ("CARO_SMTP_HOST", "smtp example"),
        ("CARO_SMTP_PORT", "0"),
        ("CARO_SMTP_PORT", "65536"),
        ("CARO_SMTP_SECURITY", "ssl3"),
        ("CARO_SMTP_SECURITY", ""),
        ("CARO_SMTP_SECONDS", "0"),
        ("CARO_SMTP_SECONDS", "nan"),
        ("CARO_SMTP_SECONDS", "300"),
        ("CARO_SMTP_USER", "hélène"),
        ("CARO_SMTP_PASSWORD", "hunter2é"),
    ],
)
def test_bad_settings_are_named_not_shown(tmp_path: Path, name: str, value: str | None) -> None:
    line = refusal(tmp_path, {name: value})
    assert line.startswith(f"caro: will not start: {name} ")
    assert len(line.splitlines()) == 1
    # Numbers and the start of an address also stand in the sentences that say what is wanted.
    assert not value or len(value) < 5 or value == "https://" or value not in line
    assert "hunter2" not in line
    assert STRONG not in line


def refused_in_production(folder: Path, changes: dict[str, str | None]) -> str:
    return refusal(folder, PRODUCTION | changes).removeprefix("caro: will not start: ")


def test_production_must_be_https(tmp_path: Path) -> None:
    line = refused_in_production(tmp_path, {"CARO_PUBLIC_URL": None})
    assert line == "CARO_PUBLIC_URL must be https in production"


def test_cards_travel_encrypted_in_production(tmp_path: Path) -> None:
    line = refused_in_production(tmp_path, {"CARO_BANK_URL": None})
    assert line.startswith("CARO_BANK_URL must be https in production")


def test_challenges_are_encrypted_in_production(tmp_path: Path) -> None:
    line = refused_in_production(tmp_path, {"CARO_CHALLENGE_ORIGINS": None})
    assert line == "CARO_CHALLENGE_ORIGINS must be https in production"


def test_production_starts_at_https(tmp_path: Path) -> None:
    settings = load(tmp_path, PRODUCTION)
    assert (settings.uses_https, settings.public_url) == (True, "https://caro.example.be")


def test_production_needs_a_way_for_its_mails(tmp_path: Path) -> None:
    line = refused_in_production(tmp_path, {"CARO_SMTP_HOST": None})
    assert line == "CARO_SMTP_HOST must be set in production: no mail would reach anybody"


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name.startswith("CARO_OPERATOR")])
def test_production_names_its_operator(tmp_path: Path, name: str) -> None:
    line = refused_in_production(tmp_path, {name: None})
    assert line == f"{name} must be set in production: the conditions say who runs the service"


def test_the_company_is_the_controller_unless_another_is_named(tmp_path: Path) -> None:
    assert load(tmp_path, PRODUCTION).operator.controller == "Relevés SRL"
    named = load(tmp_path, PRODUCTION | {"CARO_OPERATOR_CONTROLLER": "Groupe Relevés SA"})
    assert named.operator.controller == "Groupe Relevés SA"


@pytest.mark.parametrize("host", ["smtp.example.be", "10.0.0.1", "2001:db8::1"])
def test_links_travel_encrypted_in_production(tmp_path: Path, host: str) -> None:
    line = refused_in_production(tmp_path, {"CARO_SMTP_HOST": host, "CARO_SMTP_SECURITY": "none"})
    assert line.startswith("CARO_SMTP_SECURITY must be starttls or tls in production")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_relay_on_this_machine_may_go_without_tls(tmp_path: Path, host: str) -> None:
    changes: dict[str, str | None] = {"CARO_SMTP_HOST": host, "CARO_SMTP_SECURITY": "none"}
    assert load(tmp_path, PRODUCTION | changes).smtp_host == host


@pytest.mark.parametrize("alone", ["CARO_SMTP_USER", "CARO_SMTP_PASSWORD"])
def test_user_and_password_of_the_relay_stand_together(tmp_path: Path, alone: str) -> None:
    line = refusal(tmp_path, {"CARO_SMTP_HOST": "smtp.example.be", alone: "hunter2"})
    assert line == "caro: will not start: CARO_SMTP_USER and CARO_SMTP_PASSWORD must stand together"


def test_password_of_the_relay_is_not_shown(tmp_path: Path) -> None:
    settings = load(tmp_path, {"CARO_SMTP_USER": "caro", "CARO_SMTP_PASSWORD": "hunter2"})
    assert settings.smtp_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_mails_stay_in_the_maildir_by_default(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert (settings.smtp_host, settings.smtp_port, settings.smtp_security) == ("", 587, "starttls")
    assert settings.smtp_seconds == 30


@pytest.mark.parametrize(
    "sender", ["caro@example.be", "CARO <caro@example.be>", '"Bureau, Liège" <b@example.be>']
)
def test_sender_may_have_a_name(tmp_path: Path, sender: str) -> None:
    assert load(tmp_path, {"CARO_MAIL_SENDER": sender}).mail_sender == sender


def test_there_need_be_no_reminders(tmp_path: Path) -> None:
    assert load(tmp_path, {"CARO_REMINDER_DAYS": ""}).reminder_days == ()


@pytest.mark.parametrize("days", ["28,14", "14,14", "0,14", "-1", "7,14,21,28"])
def test_reminders_are_up_to_three_in_order(tmp_path: Path, days: str) -> None:
    assert "CARO_REMINDER_DAYS must be up to three days" in refusal(tmp_path, {"CARO_REMINDER_DAYS": days})


@pytest.mark.parametrize(("days", "life", "starts"), [("7,21", "22", True), ("7,21", "21", False)])
def test_links_outlive_the_last_reminder(tmp_path: Path, days: str, life: str, starts: bool) -> None:
    changes: dict[str, str | None] = {"CARO_REMINDER_DAYS": days, "CARO_LINK_DAYS": life}
    if starts:
        assert load(tmp_path, changes).reminder_days == (7, 21)
    else:
        assert refusal(tmp_path, changes).endswith("must be beyond the last of CARO_REMINDER_DAYS")


def test_all_faults_share_one_line(tmp_path: Path) -> None:
    line = refusal(
        tmp_path, {"CARO_SECRET_KEYS": "weak", "CARO_LANGUAGE": "xx", "CARO_PUBLIC_URL": "nowhere"}
    )
    assert all(name in line for name in ("CARO_SECRET_KEYS", "CARO_LANGUAGE", "CARO_PUBLIC_URL"))
    assert "\n" not in line


def test_a_production_server_is_told_everything_at_its_first_start(tmp_path: Path) -> None:
    line = refusal(tmp_path, {"CARO_PRODUCTION": "true", "CARO_SECRET_KEYS": "weak", "CARO_BANK_URL": "bank"})
    assert [sentence.partition(" must")[0] for sentence in line.partition("start: ")[2].split("; ")] == [
        "CARO_SECRET_KEYS",
        "CARO_BANK_URL",
        ", ".join(f"CARO_OPERATOR_{name}" for name in ("ADDRESS", "COMPANY", "CONTACT", "ENTERPRISE_NUMBER")),
        "CARO_PUBLIC_URL",
        "CARO_CHALLENGE_ORIGINS",
        "CARO_SMTP_HOST",
    ]


@pytest.mark.parametrize("url", ["memory:/", "redis://127.0.0.1:many", "sqlite:///rates.db", "nowhere", ""])
def test_rates_are_counted_where_the_product_can_reach_them(tmp_path: Path, url: str) -> None:
    assert "CARO_RATE_STORAGE must be" in refusal(tmp_path, {"CARO_RATE_STORAGE": url})


@pytest.mark.parametrize(
    "url",
    ["memory://", "sqlite:////run/rates.db", "redis://127.0.0.1:6379/1", "rediss://db", "valkey://127.0.0.1"],
)
def test_rates_of_several_machines_share_one_store(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, {"CARO_RATE_STORAGE": url}).rate_storage == url


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("postgresql://caro@db/caro", "postgresql+psycopg://caro@db/caro"),
        ("postgresql+psycopg://caro@db:5432/caro", "postgresql+psycopg://caro@db:5432/caro"),
        ("sqlite:////var/lib/caro.db", "sqlite:////var/lib/caro.db"),
    ],
)
def test_both_engines_have_an_address(tmp_path: Path, given: str, kept: str) -> None:
    assert load(tmp_path, {"CARO_DATABASE_URL": given}).database_url == kept


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "postgresql://db", "postgresql://db/"])
def test_an_address_names_its_database(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidSettings, match="CARO_DATABASE_URL must name the database"):
        load(tmp_path, {"CARO_DATABASE_URL": url})


def test_lists_are_split_at_commas(tmp_path: Path) -> None:
    other = STRONG[::-1]
    settings = load(
        tmp_path,
        {
            "CARO_SECRET_KEYS": f"{other}, {STRONG}",
            "CARO_CHALLENGE_ORIGINS": "https://acs.one.test/, https://acs.two.test:8443",
            "CARO_REMINDER_DAYS": "10, 20",
        },
    )
    assert [key.get_secret_value() for key in settings.secret_keys] == [other, STRONG]
    assert settings.challenge_origins == ("https://acs.one.test", "https://acs.two.test:8443")
    assert settings.reminder_days == (10, 20)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_be_the_default(tmp_path: Path, language: str) -> None:
    assert load(tmp_path, {"CARO_LANGUAGE": language}).language == language


@pytest.mark.parametrize("level", ["debug", "INFO", "Warning"])
def test_levels_are_known_in_any_case(tmp_path: Path, level: str) -> None:
    assert load(tmp_path, {"CARO_LOG_LEVEL": level}).log_level == level.upper()


def test_weak_secret_stops_the_start() -> None:
    command = (sys.executable, "-c", "from app import create_app; create_app()")
    environment = GOOD | {"CARO_SECRET_KEYS": "hunter2"}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        "caro: will not start: CARO_SECRET_KEYS must be a random secret of at least 32 characters\n"
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        (PRODUCTION | {"CARO_SIMULATION": "true"}, "CARO_SIMULATION"),
        ({"CARO_SIMULATION": "true", "CARO_SMTP_HOST": "smtp.example.be"}, "CARO_SMTP_HOST"),
        ({"CARO_SIMULATION": "perhaps"}, "CARO_SIMULATION"),
        ({"CARO_QA_OFFICE_RATE": "often"}, "CARO_QA_OFFICE_RATE"),
    ],
)
def test_a_simulation_stays_apart(tmp_path: Path, changes: dict[str, str | None], name: str) -> None:
    assert name in refusal(tmp_path, changes)


@pytest.mark.parametrize("name", ["CARO_REFUSALS_A_DAY", "CARO_SENDS_A_DAY", "CARO_SIGN_IN_LINKS_AN_HOUR"])
@pytest.mark.parametrize("value", ["0", "1", "11", "-3", "many", "2.5", ""])
def test_caps_are_small_numbers(tmp_path: Path, name: str, value: str) -> None:
    assert name in refusal(tmp_path, {name: value})


def test_caps_are_settings(tmp_path: Path) -> None:
    caps = {"CARO_REFUSALS_A_DAY": "2", "CARO_SENDS_A_DAY": "10", "CARO_SIGN_IN_LINKS_AN_HOUR": "7"}
    assert load(tmp_path, {}).caps == Caps(5, 3, 5)
    assert load(tmp_path, dict(caps)).caps == Caps(2, 10, 7)


def test_in_a_simulation_only_a_rate_that_was_set_slows_anybody_down(tmp_path: Path) -> None:
    simulated, plain = load(tmp_path, {"CARO_SIMULATION": "true"}), load(tmp_path, {})
    named = load(tmp_path, {"CARO_SIMULATION": "true", "CARO_CARD_RATE": "9 per hour"})

    assert {simulated.rate_limit(name) for name in RATES.values()} == {None}
    assert plain.rate_limit("card_rate") == "60 per hour"
    assert (named.rate_limit("card_rate"), named.rate_limit("link_rate")) == ("9 per hour", None)


def test_nothing_is_simulated_unless_asked_for(tmp_path: Path) -> None:
    assert not load(tmp_path, {}).simulation
    assert load(tmp_path, {"CARO_SIMULATION": "true"}).simulation


def test_a_real_server_does_not_even_load_the_testers_door() -> None:
    code = (
        "import sys; from pydantic import SecretStr; from app import create_app; "
        "from app.settings import Settings; key = SecretStr(sys.argv[1]); "
        "create_app(Settings(_env_file=None, secret_keys=(key,), bank_api_key=key)); "
        "doors = ('app.qa', 'app.simulation.testing', 'app.simulation.bank'); "
        "print([name for name in sys.modules if name.startswith(doors)])"
    )
    found = subprocess.run((sys.executable, "-c", code, STRONG), cwd=ROOT, capture_output=True, text=True)
    assert (found.stdout.strip(), found.returncode) == ("[]", 0), found.stderr


def test_accountants_write_to_the_support_or_to_the_sender(tmp_path: Path) -> None:
    assert load(tmp_path, {}).support_address == "caro@example.be"
    contact: dict[str, str | None] = {"CARO_SUPPORT_CONTACT": "Helpdesk <help@caro.be>"}
    assert load(tmp_path, contact).support_address == "help@caro.be"
    with pytest.raises(InvalidSettings):
        load(tmp_path, {"CARO_SUPPORT_CONTACT": "nobody"})
