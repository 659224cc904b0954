"""`caro qa`: the link of a scenario, on a simulation that runs."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import Flask

from app.cli import caro
from app.settings import Settings
from app.web.extensions import Services
from tests.support.commands import Caro
from tests.support.serving import served


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


@pytest.fixture
def settings(settings: Settings, listening: socket.socket) -> Settings:
    return settings.model_copy(update={"public_url": f"http://127.0.0.1:{listening.getsockname()[1]}"})


@pytest.fixture
def running(app: Flask, listening: socket.socket) -> Iterator[None]:
    with served(app, listening):
        yield


@pytest.mark.usefixtures("running")
def test_a_scenario_has_a_link(run: Caro, app: Flask, settings: Settings) -> None:
    printed = run("qa", "link_expired", "--lang", "nl")
    [link] = printed.stdout.splitlines()
    assert link.startswith(f"{settings.public_url}/a/")
    assert "key of its office" in printed.stderr
    page = app.test_client().get(link, base_url=settings.public_url, headers={"Accept-Language": "fr"})
    assert '<html lang="nl">' in page.text

    printed = run("qa", "kbc_confirmed", "--bank", "cbc")
    assert "/bank-app/cbc/" in printed.stdout


@pytest.mark.usefixtures("running")
def test_what_is_no_scenario_is_refused_in_a_sentence(run: Caro) -> None:
    printed = run("qa", "link_expird", "--key", "x")
    assert (printed.exit_code, printed.stderr.count("Error:")) == (2, 1)
    printed = run("qa", "link_expired", "--lang", "es")
    assert (printed.exit_code, printed.stderr.count("Choose one of these:")) == (2, 1)


@pytest.mark.usefixtures("running")
def test_no_office_is_opened_for_what_is_no_scenario(run: Caro) -> None:
    printed = run("qa", "nope")
    assert (printed.exit_code, printed.stderr.count("Error: Choose one of these: ")) == (2, 1)
    assert "key of its office" not in printed.stderr
    assert run("qa", "Link-Expired").exit_code == 0


@pytest.mark.usefixtures("running")
def test_a_bank_at_which_a_scenario_cannot_happen_is_refused(run: Caro) -> None:
    printed = run("qa", "kbc_silent", "--bank", "belfius")
    assert printed.exit_code == 2
    assert printed.stderr.endswith("Error: Choose one of these: kbc, cbc.\n")


def test_no_running_simulation_is_told_in_a_sentence(
    run: Caro, settings: Settings, listening: socket.socket
) -> None:
    listening.close()
    printed = run("qa", "link_expired")
    assert printed.exit_code == 1
    assert f"No simulation answers at {settings.public_url}" in printed.stderr


def test_a_real_server_has_no_scenarios(services: Services) -> None:
    real = replace(services, settings=services.settings.model_copy(update={"simulation": False}))
    printed = CliRunner().invoke(caro, ("qa", "link_expired"), obj=lambda: real)
    assert (printed.exit_code, printed.stderr.count("simulation alone")) == (2, 1)
