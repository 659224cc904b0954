"""Templates that fail where they name something that is not there; each is compiled once a test process."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from flask.ctx import _AppCtxGlobals
from jinja2 import BytecodeCache, Environment, Undefined
from jinja2.bccache import Bucket
from jinja2.utils import missing

from app.mail.rendering import EXTENSION, MailFormat


class CompiledTemplates(BytecodeCache):
    """What an environment of one application has compiled, kept in memory for that of the next one.

    A template is known by its name, its source and the language of its environment. Environments that escape
    differently need a cache each.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over what was compiled before."""
        if (code := self._compiled.get(_key(bucket))) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled now."""
        self._compiled[_key(bucket)] = bucket.bytecode_to_string()


def _key(bucket: Bucket) -> tuple[str, str]:
    return bucket.key, getattr(bucket.environment, "language", "")


_PAGES = CompiledTemplates()
_MAILS = {form: CompiledTemplates() for form in MailFormat}


def prepare_templates(app: Flask) -> None:
    """Let the application's pages and mails fail on a name that is not there, and compile each once only."""
    for environment, compiled in _environments(app):
        environment.undefined = CheckedUndefined
        environment.bytecode_cache = compiled


def _environments(app: Flask) -> Iterator[tuple[Environment, CompiledTemplates]]:
    yield app.jinja_env, _PAGES
    for form, environment in app.extensions[EXTENSION].items():
        yield environment, _MAILS[form]


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
