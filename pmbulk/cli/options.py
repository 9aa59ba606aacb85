"""The options that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CaFile",
    "Capacity",
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
    "Profile",
    "Quiet",
    "Rows",
    "Since",
    "StateDir",
    "Steady",
    "StopAt",
    "Strict",
    "Subsystem",
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
Since = Annotated[
    Path | None,
    typer.Option("--since", metavar="LAST", exists=True, dir_okay=False, help="The last export: only what changed since becomes rows"),
]
Subsystem = Annotated[str | None, typer.Option("--subsystem", metavar="NAME", help="Only the extensions of this telephony subsystem")]
Capacity = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Requests that PM works on at once, the others wait; all if not given")
]
