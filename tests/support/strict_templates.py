"""Templates that fail where they name something that is not there, instead of leaving a gap on the page."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.ctx import _AppCtxGlobals
from jinja2 import Undefined
from jinja2.utils import missing

from app.mail.rendering import EXTENSION


def check_names(app: Flask) -> None:
    """Let the application's pages and mails fail on a name that is not there."""
    for environment in (app.jinja_env, *app.extensions[EXTENSION].values()):
        environment.undefined = CheckedUndefined


class CheckedUndefined(Undefined):
    """What a page was not given may only be tested for truth, a gap in a mapping is empty, the rest fails."""

    def __init__(self, hint: str | None = None, obj: Any = missing, name: Any = None, *rest: Any) -> None:
        super().__init__(hint, obj, name, *rest)
        if obj is not missing and not isinstance(obj, (Mapping, _AppCtxGlobals)):
            self._fail_with_undefined_error()

    def __str__(self) -> str:
        if self._undefined_obj is missing:
            self._fail_with_undefined_error()
        return ""
