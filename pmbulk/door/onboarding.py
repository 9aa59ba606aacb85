"""
An HR export becomes a workbook for review: HR's file read, the mapping applied, workbook, hand-over and marked copy written.

Joins the rooms and holds no rule of its own: `onboarding` decides, `sheets` reads and writes, `people_in_pm` asks PM.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import anyio
from filelock import FileLock, Timeout

from pmbulk.door.learning import MAPPING, PERSON, WHY, learn
from pmbulk.door.people_in_pm import InPm, people_in_pm
from pmbulk.door.running import Target
from pmbulk.entities.model import ACTION
from pmbulk.entities.names import nearest_sentence, plain
from pmbulk.entities.registry import ENTITIES
from pmbulk.errors import UsageError
from pmbulk.onboarding.changes import Change, Kind
from pmbulk.onboarding.guessing import headers_in
from pmbulk.onboarding.mapping import Rules, read_mapping
from pmbulk.onboarding.mapping_file import SecretRule
from pmbulk.onboarding.onboard import Handed, Onboarded, onboard
from pmbulk.onboarding.people import HrFinding, Row, header_row
from pmbulk.onboarding.pins import Pins
from pmbulk.onboarding.records import PersonRecord
from pmbulk.onboarding.suggesting import Suggestion, suggest
from pmbulk.seal import Seal
from pmbulk.secret import Secret
from pmbulk.sheets.export import ExportSheet, write_export
from pmbulk.sheets.hand_over import write_hand_over
from pmbulk.sheets.marked import write_marked
from pmbulk.sheets.read import Sheet, open_workbook

__all__ = ["OnboardOptions", "OnboardResult", "onboard_file", "read_hr", "suggest_mapping"]

#: So many people may leave at once without anybody saying that they shall; an export that was cut short looks the same.
LEAVERS_FREE: Final = 5
#: The same as a share of those who were there.
LEAVERS_SHARE: Final = 0.2

_SYLLABLES: Final = ("ba", "da", "fa", "ga", "ha", "ka", "la", "ma", "na", "pa", "ra", "sa", "ta", "va", "wa", "za")


@dataclass(frozen=True, slots=True)
class OnboardOptions:
    """
    How an export is taken.

    *since* is the last export, *live* the PM to compare with (not both). *leavers_max* is how many may leave (``None``: a few). *password* opens the
    hand-over workbook (``None``: one is made up and told in the result).
    """

    since: Path | None = None
    live: Target | None = None
    leavers_max: int | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class OnboardResult:
    """
    What was written: the workbook (``None``: nothing is to be done), the *hand_over* with its *password* if one was made up, the *marked* copy of HR's file.

    *left_out* rows do not count by the mapping's filter, *not_active* people are not active and were not there before. *changes* say who and why, *findings*
    what is wrong in HR's file and *before_findings* in the one before.
    """

    path: Path | None
    hand_over: Path | None
    password: Secret | None
    marked: Path | None
    left_out: int
    not_active: int
    changes: tuple[Change, ...] = field(repr=False)
    findings: tuple[HrFinding, ...] = ()
    before_findings: tuple[HrFinding, ...] = ()

    @property
    def counts(self) -> Counter[Kind]:
        """How many people of each kind."""
        return Counter(change.kind for change in self.changes)

    @property
    def rows(self) -> Counter[tuple[str, str]]:
        """How many rows by sheet and action."""
        return Counter((record.entity.sheet, record.operation.value) for change in self.changes for record in change.records)


def onboard_file(path: Path, mapping: Path, output: Path, state_dir: Path, *, options: OnboardOptions | None = None) -> OnboardResult:
    """
    Make a workbook of what the HR export at *path* comes to; *state_dir* remembers who was given what.

    Raises:
        UsageError: If the mapping is wrong, does not fit the file, or more people would leave than may.
        WorkbookError: If a file cannot be read or written.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
    """
    options = options or OnboardOptions()
    rules = read_mapping(mapping)
    name, rows = read_hr(path, rules)
    with path.open("rb") as stream:
        export = hashlib.file_digest(stream, "sha256").hexdigest()
    since = read_hr(options.since, rules)[1] if options.since else None
    with _Held(state_dir, rules.mapping.name) as pins:
        learn(pins, state_dir, rules.mapping.name)
        asked = partial(people_in_pm, rules=rules, strangers=pins.taken_by_others("user_id"))
        in_pm = anyio.run(asked, options.live) if options.live else InPm()
        generate = partial(_generated, Seal.of(state_dir), rules.mapping.name)
        found = onboard(
            rows,
            rules,
            file=path.name,
            pins=pins,
            generate=generate,
            taken=in_pm.taken,
            since=since,
            before=in_pm.before,
            export=export,
        )
        _guard(found, options)
    return _written(found, name, rows, path=path, output=output, mapping=rules.mapping.name, seal=Seal.of(state_dir), options=options)


def read_hr(path: Path, rules: Rules) -> tuple[str, list[Row]]:
    """
    The name of the sheet that holds the people, and its rows.

    Raises:
        WorkbookError: If the file cannot be read.
        UsageError: If the mapping names a sheet that it does not have.
    """
    with open_workbook(path) as workbook:
        wanted = rules.mapping.source.sheet
        if wanted is None:
            headers = tuple(rules.mapping.columns.values())
            read = ((sheet.name, _all_rows(sheet)) for sheet in workbook.sheets)
            return max(read, key=lambda named: header_row(named[1], headers)[1])
        for sheet in workbook.sheets:
            if plain(sheet.name) == plain(wanted):
                return sheet.name, _all_rows(sheet)
        names = [sheet.name for sheet in workbook.sheets]
        raise UsageError(f"{path.name} has no sheet '{wanted}' as `sheet` in [source] says.{nearest_sentence(wanted, names)}")


def suggest_mapping(path: Path) -> Suggestion:
    """
    A first mapping for the HR export at *path*, guessed from the sheet that looks most like a list of people.

    Raises:
        WorkbookError: If the file cannot be read.
        UsageError: If nothing there looks like people.
    """
    with open_workbook(path) as workbook:
        read = ((sheet.name, _all_rows(sheet)) for sheet in workbook.sheets)
        name, rows = max(read, key=lambda named: headers_in(named[1])[1])
        return suggest(rows, sheet=name if len(workbook.sheets) > 1 else None, file=path.name)


def _all_rows(sheet: Sheet) -> list[Row]:
    return [(1, sheet.headers), *sheet.rows()]


class _Held:
    """The pins of one mapping name, held so that no second `onboard` gives out the same numbers, and saved if all went well."""

    def __init__(self, state_dir: Path, name: str) -> None:
        self._path = state_dir / "onboarding" / f"{plain(name) or 'default'}.json"

    def __enter__(self) -> Pins:
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # One lock for all mappings: none gives out what another is giving out.
            self._lock = FileLock(folder / "onboarding.lock")
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise UsageError("another `pmbulk onboard` is giving out numbers right now; try again when it is done") from error
        except OSError as error:
            raise UsageError(f"{folder} cannot be used ({error.strerror or error}); it is to hold the numbers and ids given out") from error
        try:
            others = [Pins.load(path) for path in sorted(folder.glob("*.json")) if path != self._path]
            self._pins = Pins.load(self._path, others=others)
        except BaseException:
            self._lock.release()
            raise
        return self._pins

    def __exit__(self, kind: type[BaseException] | None, *_others: object) -> None:
        try:
            if kind is None:
                self._pins.save(self._path)
        finally:
            self._lock.release()


def _generated(seal: Seal, mapping: str, rule: SecretRule, key: str, name: str) -> Secret:
    make = seal.password if rule.kind == "password" else seal.code
    return make(rule.length, mapping, key, name)


def _guard(found: Onboarded, options: OnboardOptions) -> None:
    """
    Refuse to have a large part of the staff leave, or all of it.

    Raises:
        UsageError: If more would leave than may.
    """
    leavers = sum(change.kind is Kind.LEAVER for change in found.changes)
    there = sum(change.kind is not Kind.JOINER for change in found.changes)
    free = max(LEAVERS_FREE, int(there * LEAVERS_SHARE)) if leavers < there else 0
    most = options.leavers_max if options.leavers_max is not None else free
    if leavers > most:
        raise UsageError(
            f"{leavers} of {there} people would leave, and {most} may without being asked for: perhaps the export was cut short. "
            f"If they do leave, type --max-leavers {leavers}."
        )


def _written(
    found: Onboarded, name: str, rows: Sequence[Row], *, path: Path, output: Path, mapping: str, seal: Seal, options: OnboardOptions
) -> OnboardResult:
    changed = [change for change in found.changes if change.records]
    password = made_up = hand_over = marked = workbook = None
    if changed:
        workbook = write_export(output, list(_sheets(found.changes, mapping, seal)))
    if found.handed:
        password = options.password
        if password is None:
            password = made_up = _passphrase()
        hand_over = _hand_over(found, output, password)
    if found.people.findings:
        remarks: dict[int, dict[int, str]] = {}
        for finding in found.people.findings:
            cells = remarks.setdefault(finding.row, {})
            index = finding.index or 0
            cells[index] = f"{cells[index]}\n{finding.message}" if index in cells else finding.message
        marked = write_marked(output.with_name(f"{path.stem}.findings.xlsx"), name, rows, remarks, header_row=found.people.header_row)
    findings, earlier = tuple(found.people.findings), tuple(found.before_findings)
    return OnboardResult(
        workbook, hand_over, made_up, marked, found.people.left_out, found.not_active, tuple(found.changes), findings, earlier
    )


def _sheets(changes: Sequence[Change], mapping: str, seal: Seal) -> Iterator[ExportSheet]:
    """One sheet per entity in the order in which rows run, then who and why."""
    by_sheet: dict[str, list[tuple[Change, PersonRecord]]] = {}
    for change in changes:
        for record in change.records:
            by_sheet.setdefault(record.entity.sheet, []).append((change, record))
    for sheet, entity in ENTITIES.items():
        rows = by_sheet.get(sheet, [])
        if rows:
            order = {".".join(column.path): place for place, column in enumerate(entity.columns)}
            headers = sorted(
                {header for _change, record in rows for header in record.fields}, key=lambda header: (order.get(header, len(order)), header)
            )
            cells = [[*_cells(record, headers, seal), change.key, change.why, mapping] for change, record in rows]
            yield ExportSheet(sheet, (ACTION.name, *headers, PERSON, WHY, MAPPING), cells)
    told = [[change.key, change.kind.value, change.why] for change in changes if change.kind is not Kind.UNCHANGED]
    yield ExportSheet("_people", ("person", "what", "why"), told)


def _cells(record: PersonRecord, headers: Sequence[str], seal: Seal) -> list[str]:
    cells = (record.fields.get(header, "") for header in headers)
    texts = [seal.seal(cell) if isinstance(cell, Secret) else cell for cell in cells]
    return [record.operation.value, *texts]


def _hand_over(found: Onboarded, output: Path, password: Secret) -> Path:
    by_key = {person.key: person for person in found.people.people}
    names = list(dict.fromkeys(name for handed in found.handed for name in handed.values))
    headers = [*(header for header, _index in found.people.headers.values()), *names]

    def row(handed: Handed) -> list[str | Secret]:
        told = by_key[handed.key].values
        return [*(told[name] for name in found.people.headers), *(handed.values.get(name, "") for name in names)]

    return write_hand_over(output.with_name(f"{output.stem}.hand-over.xlsx"), headers, map(row, found.handed), password=password)


def _passphrase() -> Secret:
    """24 syllables in groups: 96 bits, and possible to type."""
    words = ["".join(secrets.choice(_SYLLABLES) for _ in range(4)) for _ in range(6)]
    return Secret("-".join(words))
