"""
A mapping's expressions: Jinja2 in its sandbox, with pmbulk's filters and the names that the mapping defines.

Everything that can be wrong with an expression itself is found when it is compiled; what a person's cells cause is a `ValueError` while it is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pmbulk.onboarding.filters import arguments_of, filters_for

__all__ = ["Expression", "Language"]

_NAME_ALONE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
#: What an expression may run into besides a `ValueError`.
_FAILURES: Final = (TemplateError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError, AssertionError)
#: More than any name, path or remark; an expression that makes more is a slip, such as a product of long texts.
_LENGTH_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Expression:
    """
    A compiled expression; *names* are the names that it uses.

    *evaluate* is given their values and raises `ValueError` with a sentence where those do not do.
    """

    text: str
    names: frozenset[str]
    evaluate: Callable[[Mapping[str, str]], str] = field(repr=False, compare=False)


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox without powers, which can take all day."""

    intercepted_binops = frozenset({"**"})

    def call_binop(self, *_operation: Any) -> Any:
        """Refuse the one operator that comes here."""
        raise SecurityError("** is not for cells")


class Language:
    """The language of one mapping's expressions: the filters with its *language* and its value maps."""

    def __init__(self, *, language: str, values: Mapping[str, Mapping[str, str]]) -> None:
        self._environment = _Sandbox(
            autoescape=False,
            # What is nothing is a blank, not the word None.
            finalize=lambda value: "" if value is None else value,
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
        self._environment.filters |= filters_for(language=language, values=values)
        self._arguments = arguments_of(values)
        # Loops over a range could make texts without end; a cell needs none.
        self._environment.globals.clear()

    @property
    def filters(self) -> list[str]:
        """The names of all filters."""
        return sorted(self._environment.filters)

    def text(self, source: str) -> Expression:
        """
        The expression that makes a cell: text with ``{{ … }}`` in it.

        Raises:
            ValueError: If it cannot be understood.
        """
        if "{" not in source:
            return Expression(source, frozenset(), lambda _values: source)
        alone = _NAME_ALONE.fullmatch(source)
        if alone is not None:
            name = alone[1]
            return Expression(source, frozenset({name}), lambda values: values[name])
        try:
            names = self._names(source)
            template = self._environment.from_string(source)
        except TemplateSyntaxError as error:
            raise ValueError(_syntax(error)) from error
        except (RecursionError, MemoryError, OverflowError) as error:
            raise ValueError("cannot be understood: it is too long") from error
        return Expression(source, names, lambda values: str(_evaluated(template.render, values)))

    def condition(self, source: str) -> Expression:
        """
        The expression that says yes (``true``) or no (``""``).

        Raises:
            ValueError: If it cannot be understood.
        """
        try:
            names = self._names(f"{{{{ {source} }}}}")
            compiled = self._environment.compile_expression(source, undefined_to_none=False)
        except TemplateSyntaxError as error:
            raise ValueError(_syntax(error)) from error
        except (RecursionError, MemoryError, OverflowError) as error:
            raise ValueError("cannot be understood: it is too long") from error
        return Expression(source, names, lambda values: _evaluated(lambda given: "true" if compiled(given) else "", values))

    def _names(self, source: str) -> frozenset[str]:
        """The names that *source* uses; filters whose arguments do for no text raise `ValueError`."""
        tree = self._environment.parse(source)
        for one in tree.find_all(nodes.Filter):
            for argument in (*one.args, *(given.value for given in one.kwargs)):
                if one.name in self._arguments and isinstance(argument, nodes.Const):
                    self._arguments[one.name](str(argument.value))
        return frozenset(meta.find_undeclared_variables(tree))


def _syntax(error: TemplateSyntaxError) -> str:
    words = str(error.message or error).rstrip(".")
    expected, _got, got = words.partition("expected token 'end of print statement', got ")
    if got and not expected:
        words = "to compare, write == instead of =" if got == "'='" else f"{got} is out of place"
    elif "end of" in words:
        words = "it ends in the middle"
    return f"cannot be understood: {words}"


def _evaluated(evaluate: Callable[[Mapping[str, str]], Any], values: Mapping[str, str]) -> Any:
    try:
        made = evaluate(values)
    except _FAILURES as error:
        raise ValueError(f"the expression cannot be worked out ({str(error) or type(error).__name__})") from error
    if isinstance(made, str) and len(made) > _LENGTH_MAX:
        raise ValueError(f"the expression makes a text of {len(made):,} characters")
    return made
