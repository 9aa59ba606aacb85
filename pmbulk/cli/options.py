"""The options that several commands share, each declared once; those that always go together as a group (`groups`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CaFile",
    "CarryOption",
    "Concurrency",
    "EntityName",
    "IfExistsOption",
    "Insecure",
    "JobName",
    "Json",
    "KeepSecrets",
    "MaxDeletes",
    "MaxFailures",
    "Only",
    "Output",
    "PerSubsystem",
    "Pilot",
    "PlanArguments",
    "Profile",
    "Quiet",
    "Results",
    "Rows",
    "RunArguments",
    "StateDir",
    "Steady",
    "StopAt",
    "Strict",
    "Url",
    "User",
    "Verbose",
    "Workbook",
    "Yes",
]

Workbook = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A workbook, or a sheet as .csv: .xlsx .xlsm .xlsb .xls .ods .csv"),
]
Results = Annotated[
    Path,
    typer.Argument(metavar="RESULTS", exists=True, dir_okay=False, help="The results workbook of a run, with what you corrected in it"),
]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job, as `pmbulk jobs` calls it")]

Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="PM's address, like https://pm.example.com  [PMBULK_URL]")]
User = Annotated[
    str | None,
    typer.Option(
        "--user", metavar="NAME", help="Who logs in  [PMBULK_USER]; the password comes from PMBULK_PASSWORD, the keyring or a prompt"
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="PEM file of the authority that signed PM's certificate  [PMBULK_CA_FILE]",
    ),
]
Insecure = Annotated[bool, typer.Option("--insecure", help="Do not verify PM's certificate, and allow plain http")]
Profile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="A profile of config.toml")]
StateDir = Annotated[
    Path | None, typer.Option("--state-dir", metavar="FOLDER", file_okay=False, help="Where jobs and keys are kept  [PMBULK_STATE_DIR]")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write; never overwrites a file")]
EntityName = Annotated[
    str | None, typer.Option("--entity", metavar="SHEET", help="What a file of one sheet holds, where its name does not tell")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before sending")]
Strict = Annotated[bool, typer.Option("--strict", help="Send nothing if any row is invalid")]
MaxFailures = Annotated[str | None, typer.Option("--max-failures", metavar="N|N%", help="Stop once more rows have failed")]
MaxDeletes = Annotated[int | None, typer.Option("--max-deletes", min=0, metavar="N", help="Refuse a workbook that deletes more")]
StopAt = Annotated[
    str | None, typer.Option("--stop-at", metavar="HH:MM", help="Begin nothing more from that time on; resume does the rest")
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency", metavar="N", min=1, max=256, help="Requests at once at most; how many PM bears is found out below this  [100]"
    ),
]
Steady = Annotated[bool, typer.Option("--steady", help="Keep to --concurrency, however long PM takes")]
PerSubsystem = Annotated[int, typer.Option("--per-subsystem", metavar="N", min=1, max=32, help="Rows in flight per telephony subsystem")]
IfExistsOption = Annotated[
    str, typer.Option("--if-exists", metavar="fail|skip|update", help="What a create does about an object that exists")
]
CarryOption = Annotated[
    str,
    typer.Option(
        "--carry",
        metavar="strict|best",
        help="A move that cannot carry all of value is refused, or made all the same; a row may say it for itself",
    ),
]
Pilot = Annotated[int | None, typer.Option("--pilot", min=1, metavar="N", help="Run the first N rows, then ask before the others")]
Only = Annotated[str | None, typer.Option("--only", metavar="SHEET", help="Run the rows of one sheet")]
Rows = Annotated[str | None, typer.Option("--rows", metavar="2-50", help="Run these rows of each sheet")]
KeepSecrets = Annotated[bool, typer.Option("--keep-secrets", help="Write passwords and codes into the results")]
Json = Annotated[bool, typer.Option("--json", help="One JSON summary on stdout, everything else on stderr")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress")]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Log to stderr; twice for details and tracebacks")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanArguments:
    """What is typed of how to go about a workbook, as far as a plan can foresee it."""

    concurrency: Concurrency = None
    if_exists: IfExistsOption = "fail"
    carry: CarryOption = "strict"
    only: Only = None
    rows: Rows = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunArguments(PlanArguments):
    """The same of a run or a rerun."""

    output: Output = None
    strict: Strict = False
    max_failures: MaxFailures = None
    max_deletes: MaxDeletes = None
    stop_at: StopAt = None
    steady: Steady = False
    per_subsystem: PerSubsystem = 1
    pilot: Pilot = None
    keep_secrets: KeepSecrets = False
