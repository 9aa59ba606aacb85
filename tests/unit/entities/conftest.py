# ruff: noqa: D102 - the double's methods are documented in the class that it stands for
"""
Rows as a sheet would give them, and a PM of scripted answers, for the tests of `pmbulk.entities`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from pmbulk.endpoints import endpoint
from pmbulk.entities.binding import bind
from pmbulk.entities.model import Operation
from pmbulk.entities.registry import ENTITIES
from pmbulk.entities.session import IfExists, Session
from pmbulk.errors import RejectedError, Severity
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.classify import Answer


@dataclass(frozen=True)
class Call:
    """One request as an entity asked for it."""

    name: str
    path: dict[str, Any]
    query: dict[str, Any]
    body: Any = None

    @property
    def wire(self):
        """The body as it goes out, secrets revealed."""
        return json.loads(json.dumps(self.body, default=lambda secret: secret.reveal()))


@dataclass
class FakePm:
    """Answers each endpoint with what *answers* has for it: content, an error to raise, or a function of the call; 404 for the others."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    assumptions: Assumptions = field(default_factory=Assumptions)

    async def call(self, name, *, path=None, query=None, body=None):
        known = endpoint(name)
        assert set(known.path_parameters) == set(path or {}), "path parameters as the real client checks them"
        assert set(known.query) == set(query or {}), "query parameters as the real client checks them"
        assert known.has_body is (body is not None), "bodies as the real client checks them"
        return Answer(200, self._answer(Call(name, dict(path or {}), dict(query or {}), body)))

    async def items(self, name, *, path=None, query=None):
        return self._answer(Call(name, dict(path or {}), dict(query or {})))

    async def pages(self, name, *, path=None, query=None):
        found = await self.items(name, path=path, query=query)
        for start in range(0, len(found), 2):
            yield found[start : start + 2]

    def _answer(self, call):
        self.calls.append(call)
        answer = self.answers.get(call.name, refused(404)) if call.name in self.answers or not endpoint(call.name).writes else None
        answer = answer(call) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return json.loads(json.dumps(answer))

    @property
    def writes(self):
        return [call for call in self.calls if endpoint(call.name).writes]

    def count(self, name):
        return sum(call.name == name for call in self.calls)


def refused(status, code=""):
    return RejectedError(f"PM says: no (HTTP {status})", code=code or f"HTTP_{status}", http=status)


@pytest.fixture
def refusal():
    """
    Makes the error of a PM that says no with a status and, perhaps, a code of its own.
    """
    return refused


@pytest.fixture
def fake():
    """
    A PM that has nothing yet.
    """
    return FakePm()


@pytest.fixture
def session_of(fake):
    """
    Makes the session of a job on `fake`.
    """

    def make(if_exists=IfExists.FAIL):
        return Session(fake, if_exists)

    return make


@pytest.fixture
def read():
    """
    Reads one row of a sheet: header → cell; gives the record and all findings.
    """

    def read_row(sheet, cells):
        return bind(ENTITIES[sheet], list(cells), sheet=sheet).read(list(cells.values()))

    return read_row


@pytest.fixture
def prepare(read, session_of):
    """
    Prepares one row: its plan, with the row's errors asserted to be none.
    """

    async def prepared(sheet, cells, *, session=None, if_exists=IfExists.FAIL):
        record, findings = read(sheet, cells)
        assert [] == [str(finding) for finding in findings if finding.severity is Severity.ERROR]
        entity = ENTITIES[sheet]
        return await entity.by_operation[record.operation].prepare(entity, record, session or session_of(if_exists))

    return prepared


@pytest.fixture
def sent(prepare, fake):
    """
    Prepares one row, sends its only step, and gives the write that PM saw.
    """

    async def send(sheet, cells, **options):
        plan = await prepare(sheet, cells, **options)
        (step,) = plan.steps
        await step.send()
        (call,) = fake.writes
        return call

    return send


@pytest.fixture
def exported(session_of):
    """
    What a sheet's export gives, as a list of rows.
    """

    async def rows(sheet):
        return [row async for row in ENTITIES[sheet].export(session_of())]

    return rows


@pytest.fixture
def operation_of(read):
    """
    The operation that a row of a sheet with this action asks for.
    """

    def operation(sheet, action):
        record, _findings = read(sheet, {"action": action})
        return Operation(record.operation)

    return operation
