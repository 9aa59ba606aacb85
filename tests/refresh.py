"""
Make the generated files again: templates, sample sheets and the tables in the README.

Run it from the top as `python -m tests.refresh`; a test says when it was forgotten.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from pmbulk.entities.registry import ENTITIES
from pmbulk.sheets.template import write_template
from tests.samples import write_results, write_samples

TOP = Path(__file__).parents[1]
TEMPLATES = TOP / "templates"
SAMPLES = TOP / "sample_sheets"


def sheets_table() -> str:
    """The README's table of sheets, actions and endpoints."""
    lines = ["| sheet | actions | endpoints | what its rows are |", "|---|---|---|---|"]
    for entity in ENTITIES.values():
        actions = ", ".join(f"{action.operation}" for action in entity.actions)
        endpoints = ", ".join(f"`{action.endpoint}`" for action in entity.actions)
        lines.append(f"| `{entity.sheet}` | {actions} | {endpoints} | {entity.help} |")
    return "\n".join(lines)


def readme_with_tables(text: str) -> str:
    """The README *text* with its generated tables made anew."""
    return re.sub(
        r"(<!-- sheets:[^>]*-->\n).*?(<!-- /sheets -->)", lambda match: f"{match[1]}{sheets_table()}\n{match[2]}", text, flags=re.DOTALL
    )


def write_templates(folder: Path) -> None:
    """A template per entity, and one with all of them."""
    for entity in ENTITIES.values():
        write_template(folder / f"{entity.sheet}.xlsx", [entity])
    write_template(folder / "pmbulk.xlsx", list(ENTITIES.values()))


def main() -> None:
    """Write all generated files."""
    TEMPLATES.mkdir(exist_ok=True)
    SAMPLES.mkdir(exist_ok=True)
    write_templates(TEMPLATES)
    write_samples(SAMPLES)
    write_results(SAMPLES)
    readme = TOP / "README.md"
    readme.write_text(readme_with_tables(readme.read_text("utf-8")), "utf-8")
    sys.stdout.write("templates/, sample_sheets/ and README.md are made anew\n")


if __name__ == "__main__":
    main()
