"""The SQL of the journal, kept in ``sql/`` as text: named queries and migration scripts; knows no database."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["query", "script_text"]


def query(name: str) -> str:
    """
    The query that stands under ``-- name:`` *name* in ``queries.sql``.

    Raises:
        KeyError: If there is none.
    """
    return _queries()[name]


def script_text(file_name: str) -> str:
    """The whole text of a file in ``sql/``."""
    return files(__package__).joinpath("sql", file_name).read_text(encoding="utf-8")


@cache
def _queries() -> dict[str, str]:
    named = (block.partition("\n") for block in script_text("queries.sql").split("-- name: ")[1:])
    return {name.strip(): text.strip() for name, _, text in named}
