"""The command line as tests use it: `caro` with some words, on the services of the test."""

from collections.abc import Callable

from click.testing import Result

Caro = Callable[..., Result]
