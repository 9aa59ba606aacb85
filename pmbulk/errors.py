"""
The error tree, and the words an outcome is told in.

Two families: what ends the command (each class has its exit code) and what ends one row (each class has its outcome). No I/O, no foreign
imports: every other module may import this one.

    PmbulkError              ends the job or the command; has exit_code
      UsageError         2   options, settings, address
      WorkbookError      2   unreadable file, unknown sheet or header
      JobBusyError       2   another run holds the job
      UnreachableError   3   PM does not answer
      LoginError         3   PM refuses the credentials
      StoppedError       4   failure budget, outage deadline, or the journal cannot be written
        PilotOverError   4   the first rows are through
      RowError               in a run its row's outcome, never its end; has outcome and code
        InvalidRowError      -> invalid
          UnknownNameError   -> invalid
        RejectedError        -> failed
        TransientError       -> retried, at last failed
        AmbiguousError       -> reconciled; unknown only if that cannot be done
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

__all__ = [
    "TERMINAL",
    "AmbiguousError",
    "Finding",
    "InvalidRowError",
    "JobBusyError",
    "LoginError",
    "Outcome",
    "PilotOverError",
    "PmbulkError",
    "RejectedError",
    "RowError",
    "Severity",
    "StoppedError",
    "TransientError",
    "UnknownNameError",
    "UnreachableError",
    "UsageError",
    "WorkbookError",
    "full_stop",
]


class Outcome(StrEnum):
    """The final state of a row, as the results workbook names it in ``_status`` (design.md 3.2)."""

    #: PM did what the row asks for.
    SUCCEEDED = "succeeded"
    #: PM refused, or what is in PM differs from what was sent.
    FAILED = "failed"
    #: The row breaks a rule; nothing was sent for it.
    INVALID = "invalid"
    #: A row that this one depends on did not succeed; nothing was sent for it.
    BLOCKED = "blocked"
    #: It could not be found out what PM did; the message says what to look at.
    UNKNOWN = "unknown"
    #: PM already is as the row asks for; nothing was sent.
    SKIPPED = "skipped"
    #: The run ended before this row's turn.
    NOT_RUN = "not_run"


#: Outcomes that a rerun leaves alone.
TERMINAL = frozenset({Outcome.SUCCEEDED, Outcome.SKIPPED})


class Severity(StrEnum):
    """Whether a finding keeps its row from being sent."""

    #: The row is invalid.
    ERROR = "error"
    #: The row is sent all the same.
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one cell: *column* is its header as the sheet writes it (``""``: the whole row), *message* what to type instead."""

    column: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """The message with its column in front."""
        return f"{self.column}: {self.message}" if self.column else self.message


def full_stop(message: str) -> str:
    """*message* as a sentence that another one may follow."""
    return message if message.endswith((".", "!", "?")) else f"{message}."


class PmbulkError(Exception):
    """The root of all errors that a user may see; the command line prints the message and ends with *exit_code*."""

    exit_code: ClassVar[int] = 1


class UsageError(PmbulkError):
    """An option, a setting or an address cannot be used as given; the caller corrects it."""

    exit_code = 2


class WorkbookError(PmbulkError):
    """A file cannot be read as a workbook, or has a sheet or header that no entity knows; nothing was sent."""

    exit_code = 2


class JobBusyError(PmbulkError):
    """Another process is running this job; the caller waits for it to end."""

    exit_code = 2


class UnreachableError(PmbulkError):
    """PM does not answer at its address; nothing was sent."""

    exit_code = 3


class LoginError(PmbulkError):
    """PM refuses the credentials; never tried again by itself, because PM locks accounts (DOMAIN 2)."""

    exit_code = 3


class StoppedError(PmbulkError):
    """The run was stopped by a failure budget, an outage or a journal that cannot be written; the job can be resumed."""

    exit_code = 4


class PilotOverError(StoppedError):
    """The first rows are through, and nobody has agreed to the others yet; the job can be resumed."""


class RowError(PmbulkError):
    """
    The root of what ends one row, one attempt or one read; a run makes the row's outcome of it, a command that only reads ends with it.

    *code* is PM's ``mitelErrorCode`` or one of our own documented codes, *http* the last status (``None``: no answer came). *unanswered* is true where
    PM itself did not answer: no connection, no whole answer in time, or somebody else's in its place.
    """

    outcome: ClassVar[Outcome] = Outcome.FAILED
    unanswered: bool = False

    def __init__(self, message: str, *, code: str = "", http: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http = http

    @property
    def failing(self) -> bool:
        """Whether PM failed at what it was asked, rather than refuse it or turn it away: while it does so all the time, it is as good as away."""
        return False


class InvalidRowError(RowError):
    """The row breaks a rule or names something that PM does not have; carries all *findings* of the row."""

    outcome = Outcome.INVALID

    def __init__(self, findings: tuple[Finding, ...], *, code: str = "INVALID") -> None:
        super().__init__("; ".join(str(finding) for finding in findings), code=code)
        self.findings = findings


class UnknownNameError(InvalidRowError):
    """The row names something that PM does not have, or has several of, and that no row makes; the user corrects the name."""


class RejectedError(RowError):
    """PM said no and would say no again: the row fails."""

    outcome = Outcome.FAILED


class TransientError(RowError):
    """
    The attempt had no effect and may succeed later: the runner tries again.

    *retry_after_s* are the seconds PM asked to wait (``None``: it did not say). *busy* is true where PM named a lane's contention
    (``COMMAND BUSY``) rather than an outage.
    """

    outcome = Outcome.FAILED

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        http: int | None = None,
        retry_after_s: float | None = None,
        busy: bool = False,
        unanswered: bool = False,
    ) -> None:
        super().__init__(message, code=code, http=http)
        self.retry_after_s = retry_after_s
        self.busy = busy
        self.unanswered = unanswered

    @property
    def failing(self) -> bool:
        """Whether PM failed at what it was asked, rather than turn it away."""
        return (self.http or 0) >= 500 and not self.busy and not self.retry_after_s


class AmbiguousError(RowError):
    """The attempt may or may not have had its effect: the runner reconciles before it does anything else."""

    outcome = Outcome.UNKNOWN

    def __init__(
        self, message: str, *, code: str = "", http: int | None = None, retry_after_s: float | None = None, unanswered: bool = False
    ) -> None:
        super().__init__(message, code=code, http=http)
        self.retry_after_s = retry_after_s
        self.unanswered = unanswered

    @property
    def failing(self) -> bool:
        """Whether PM failed at what it was asked, rather than turn it away."""
        return (self.http or 0) >= 500 and not self.retry_after_s
