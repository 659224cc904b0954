"""Templates, compiled once for each language: what the language alone decides becomes part of their text."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Self

from flask import Flask
from flask.templating import Environment
from flask_babel import Babel
from jinja2 import Template, nodes, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import EvalContext
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from app import i18n
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, current_language, gettext

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
#: Gives templates a text that follows from its arguments and the language, in the life of a process.
TextFunction = Callable[..., str]


class _Folding(NodeTransformer):
    """Put a call's answer in its place where all its arguments are written in the template."""

    def __init__(self, environment: "LocalizedEnvironment") -> None:
        self._environment = environment

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802  # found by this name
        """Answer the call, or leave it."""
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        arguments = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        if name not in self._environment.folded or len(arguments) < len(node.args):
            return node
        if name == "_":
            return self._translate(node, *arguments)
        return self._placed(nodes.Const(self._environment.folded[name](*arguments)), node)

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802  # found by this name
        """Write the words of a sentence and what fills it one after the other, as text and values."""
        node.nodes = [piece for expression in node.nodes for piece in self._pieces(expression)]
        return self.generic_visit(node)

    def _pieces(self, expression: nodes.Expr) -> Iterator[nodes.Expr]:
        match expression:
            case nodes.Call(
                node=nodes.Name(name="_"), args=[nodes.Const(value=msgid)], kwargs=[_, *_] as fillings
            ) if not self._environment.escapes_sentences:
                values = {filling.key: filling.value for filling in fillings}
                for number, piece in enumerate(_PLACEHOLDER.split(gettext(msgid))):
                    words = nodes.MarkSafeIfAutoescape(nodes.Const(piece.replace("%%", "%")))
                    yield values[piece] if number % 2 else self._placed(words, expression)
            case _:
                yield expression

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Expr:  # noqa: N802  # found by this name
        """Say nothing where a condition without `else` is not met: an undefined value would cost more."""
        self.generic_visit(node)
        node.expr2 = node.expr2 or self._placed(nodes.Const(""), node)
        return node

    def _translate(self, call: nodes.Call, msgid: str) -> nodes.Expr:
        sentence: nodes.Expr = nodes.Const(gettext(msgid))
        if not self._environment.escapes_sentences:
            sentence = nodes.MarkSafeIfAutoescape(sentence)
        if call.kwargs:
            values = [nodes.Pair(nodes.Const(value.key), value.value) for value in call.kwargs]
            sentence = nodes.Mod(sentence, nodes.Dict(values))
        return self._placed(sentence, call)

    def _placed(self, made: nodes.Expr, replaced: nodes.Expr) -> nodes.Expr:
        made.set_environment(self._environment)
        made.set_lineno(replaced.lineno, override=True)
        return made


class _LocalizedCode(CodeGenerator):
    """Compiles a template in the language of its environment."""

    environment: "LocalizedEnvironment"

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  # found by this name
        """Compile what is left once the answers stand in their places."""
        if self.environment.language:
            _Folding(self.environment).visit(node)
        super().visit_Template(node, frame)

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """Join what a template or a block writes: each piece would pass through every layer of a page."""
        if frame.buffer or not (frame.toplevel or frame.block_frame):
            super().blockvisit(nodes, frame)
            return
        self.buffer(frame)
        super().blockvisit(nodes, frame)
        self.writeline(f"yield concat({frame.buffer})")


class LocalizedEnvironment(Environment):
    """An application's templates, in one environment for each language."""

    code_generator_class = _LocalizedCode
    #: The one language of an environment; empty for that of all languages, which compiles nothing itself.
    language = ""
    #: Whether sentences are text like any other, which is escaped where markup is.
    escapes_sentences = False

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._localized: dict[str, LocalizedEnvironment] = {}
        self.folded: Mapping[str, TextFunction] = {}

    def overlay(self, **options: Any) -> Self:  # type: ignore[override]
        """Return an environment that differs in some options, with languages of its own."""
        made = super().overlay(**options)
        made._localized = {}
        return made

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what all templates know: none here has names of its own, which each look-up would pass."""
        return super().make_globals(d) if d else self.globals

    def get_or_select_template(self, *names: Any, **options: Any) -> Template:
        """Return a template as the language that is spoken has it; the one way by which it is asked for."""
        if self.language:
            return super().get_or_select_template(*names, **options)
        return self._spoken().get_or_select_template(*names, **options)

    def _spoken(self) -> "LocalizedEnvironment":
        language = current_language()
        if language not in self._localized:
            localized = self.overlay()
            localized.language = language
            self._localized[language] = localized
        return self._localized[language]


@pass_eval_context
def _template_gettext(context: EvalContext, msgid: str, /, **params: object) -> str:
    """Translate a sentence for a template: it is ours, and what fills it is escaped where markup is."""
    text = Markup(gettext(msgid)) if context.autoescape else gettext(msgid)  # noqa: S704  # from our own catalogue
    return text % params if params else text


def init_app(app: Flask, **functions: TextFunction) -> None:
    """Give an application's templates the languages of its requests, before anything else equips them."""
    Babel(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone="Europe/Brussels",
        locale_selector=current_language,
        configure_jinja=False,
    )
    app.jinja_environment = LocalizedEnvironment  # type: ignore[assignment]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    folded = {"_": _template_gettext, "current_language": current_language, **functions}
    app.jinja_env.folded = folded  # type: ignore[attr-defined]
    app.jinja_env.globals.update(folded, languages=LANGUAGES)
    app.jinja_env.filters.update(
        clocktime=i18n.format_time,
        longdate=i18n.format_date,
        lastday=i18n.format_last_day,
        moment=i18n.format_moment,
        start=i18n.format_start,
        monthyear=i18n.format_month,
        dayslist=i18n.format_days,
        namelist=i18n.format_list,
        shortdate=i18n.format_short_date,
        number=i18n.format_number,
    )
