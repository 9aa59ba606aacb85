"""
Make the generated files again: templates, sample sheets and the tables in the README.

Run it from the top as `python -m tests.refresh`; a test says when it was forgotten.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from pmbulk.cli.hr_sample import write_hr_mapping
from pmbulk.endpoints import ENDPOINTS
from pmbulk.entities.registry import ENTITIES
from pmbulk.sheets.template import write_template
from tests.samples import write_results, write_samples

TOP = Path(__file__).parents[1]
TEMPLATES = TOP / "templates"
SAMPLES = TOP / "sample_sheets"
DIRECTORY = TOP / "pmbulk/entities/directory.py"
#: A template per entity, and one with all of them: file → what it is made for.
MADE_FOR = {f"{entity.sheet}.xlsx": [entity] for entity in ENTITIES.values()} | {"pmbulk.xlsx": list(ENTITIES.values())}
#: What reads PM, beside `pmbulk get`, and the modules that name what they read.
READERS = {
    "look-ups of names": [DIRECTORY],
    "plan, reading back, export, `--live`": sorted(set((TOP / "pmbulk/entities").glob("*.py")) - {DIRECTORY}),
}
#: The calls that only concern the session.
SESSION = [name for name, one in ENDPOINTS.items() if one.of_session]


def reads_by_use() -> dict[str, list[str]]:
    """PM's reads by what uses them; each stands with the first use that names it in pmbulk's source."""
    rest = [name for name, one in ENDPOINTS.items() if one.reads]
    found: dict[str, list[str]] = {}
    for use, paths in READERS.items():
        source = "".join(path.read_text("utf-8") for path in paths)
        found[use] = [name for name in rest if f'"{name}"' in source]
        rest = [name for name in rest if name not in found[use]]
    return {**found, "only `pmbulk get`, which shows any read": rest}


def sheets_table() -> str:
    """The README's table of all operations of PM: writes by sheet and action, reads by what uses them, and the session's own."""
    lines = ["| sheet | what its rows do |", "|---|---|"]
    for entity in ENTITIES.values():
        actions: dict[str, list[str]] = {}
        for action in entity.actions:
            actions.setdefault(action.endpoint, []).append(action.operation.value)
        told = [f"{', '.join(names)} `{endpoint}`" for endpoint, names in actions.items()]
        lines.append(f"| `{entity.sheet}` | {' · '.join(told)} |")
    reads = reads_by_use()
    lines += [f"| *{use}* | {_names(names)} |" for use, names in reads.items()]
    lines.append(f"| *the session* | {_names(SESSION)} |")
    writes, read = {action.endpoint for entity in ENTITIES.values() for action in entity.actions}, sum(map(len, reads.values()))
    total = f"{len(writes) + read + len(SESSION)} of PM's {len(ENDPOINTS)} operations: {len(writes)} writes, {read} reads, {len(SESSION)} of the session."
    return "\n".join([*lines, "", total])


def _names(names: Sequence[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def readme_with_tables(text: str) -> str:
    """The README *text* with its generated tables made anew."""
    return re.sub(
        r"(<!-- sheets:[^>]*-->\n).*?(<!-- /sheets -->)", lambda match: f"{match[1]}{sheets_table()}\n{match[2]}", text, flags=re.DOTALL
    )


def write_templates(folder: Path) -> None:
    """A template per entity, one with all of them, and the mapping that the demo carries; the other mappings are written by hand."""
    for name, entities in MADE_FOR.items():
        (folder / name).unlink(missing_ok=True)
        write_template(folder / name, entities)
    write_hr_mapping(folder / "hr_personallista.toml")


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
