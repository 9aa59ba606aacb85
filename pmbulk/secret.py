"""A text that never shows itself: masked in repr, str, f-strings, JSON and tracebacks; ``reveal()`` is called where a request is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import re

    from pydantic_core import CoreSchema

__all__ = ["MASK", "Secret", "is_secret", "masked"]

#: What stands in place of a secret wherever one would be shown (design.md 3.2).
MASK: Final = "••••••"

#: Members of PM's objects, in lower case, whose texts are secrets: beside passwords (QUIRKS 69), codes, tokens and the keys of handsets (DOMAIN 5).
_MEMBERS: Final = frozenset({"auth", "authenticationkey", "authorizationcode", "autkey", "refreshtoken", "token"})


def is_secret(member: str) -> bool:
    """Whether what PM's objects have under the name *member* is a secret; whatever has ``password`` in its name is (the contract's format)."""
    name = member.casefold()
    return name in _MEMBERS or "password" in name


def _hidden(_text: str) -> str:
    return MASK


def masked(content: Any, *, cover: Callable[[str], str] = _hidden) -> Any:
    """A copy of PM's JSON *content* with every secret masked, or as *cover* has it; empty ones show that there is none."""
    if isinstance(content, dict):
        return {name: _masked_member(str(name), value, cover) for name, value in content.items()}
    return [masked(value, cover=cover) for value in content] if isinstance(content, list) else content


def _masked_member(name: str, value: Any, cover: Callable[[str], str]) -> Any:
    secret = is_secret(name)
    if secret and isinstance(value, list):
        return [cover(one) if isinstance(one, str) and one else masked(one, cover=cover) for one in value]
    return cover(str(value)) if secret and value and not isinstance(value, bool | dict) else masked(value, cover=cover)


class Secret:
    """A password, code or key; equal to another secret of the same text, printed as a mask whose length says nothing."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; for the request's body and nothing else."""
        return self._text

    def fits(self, form: re.Pattern[str]) -> bool:
        """Whether the text is of this *form* from its beginning to its end, for rules about it."""
        return form.fullmatch(self._text) is not None

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        """Validated like a text, kept as a secret."""
        from pydantic_core import core_schema

        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), core_schema.no_info_after_validator_function(cls, handler.generate_schema(str))]
        )
