"""The commands; each is thin, and imports what it needs when it runs, so that `--help` answers in a blink."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from pmbulk.cli import options as o
from pmbulk.cli.groups import spread
from pmbulk.cli.settings import ConnectionOptions, PmOptions

__all__ = ["app", "main"]


app = typer.Typer(
    name="pmbulk",
    help="Provision a Mitel MX-ONE Provisioning Manager in bulk, from workbooks.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    from pmbulk.cli.last_net import ended_well
    from pmbulk.cli.streams import spell_signs

    spell_signs()
    # A workbook's rows stay to the end. To look for circles among them after every 700 new objects, as usual, takes 6 % of a run's CPU.
    gc.set_threshold(10_000)
    ended_well(app)


def _version(value: bool) -> None:  # noqa: FBT001 - typer's callback has this form
    if value:
        from pmbulk import __version__

        typer.echo(f"pmbulk {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version_wanted: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Take the options that go before every command."""


@app.command()
def demo(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FOLDER", file_okay=False, help="Folder for the files  [a new one in the temporary folder]"),
    ] = None,
) -> None:
    """Show the whole story on a simulated PM. From HR's list to a run, its failed row corrected, and a rerun."""
    from pmbulk.cli.demo import run_demo

    run_demo(output)


@app.command()
@spread
def template(
    entities: Annotated[list[str] | None, typer.Argument(metavar="ENTITY", help="Which sheets; all if none is given")] = None,
    *,
    output: o.Output = None,
    listing: Annotated[bool, typer.Option("--list", help="List the entities")] = False,
    live: Annotated[bool, typer.Option("--live", help="Offer what PM has: its subsystems, departments, locations, names of UDFs")] = False,
    connection: PmOptions,
    verbose: o.Verbose = 0,
) -> None:
    """Write an empty workbook to fill in. It has drop-downs, text-typed cells and a Guide sheet."""
    from pmbulk.cli.workbooks import list_entities, make_template

    if listing:
        list_entities()
    else:
        make_template(entities or [], output, connection, live=live, verbose=verbose)


@app.command()
@spread
def onboard(
    file: Annotated[Path, typer.Argument(metavar="HR_FILE", exists=True, dir_okay=False, help="What HR exported: .xlsx .xls .ods .csv …")],
    *,
    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="M.toml", help="What HR's columns mean")] = None,
    output: o.Output = None,
    suggesting: Annotated[bool, typer.Option("--suggest", help="Write a first mapping instead, from the headers and values")] = False,
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="LAST", exists=True, dir_okay=False, help="The last export: only what changed since becomes rows"),
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Compare with PM instead, by the person's key")] = False,
    max_leavers: Annotated[
        int | None, typer.Option("--max-leavers", metavar="N", min=0, help="How many people may leave  [5, or a fifth]")
    ] = None,
    connection: ConnectionOptions,
    json: o.Json = False,
    verbose: o.Verbose = 0,
) -> None:
    """Make a workbook for review from an HR export. It has who is new, who moved and who left."""
    from pmbulk.cli.onboard import make_workbook, suggest

    if suggesting:
        suggest(file, output)
        return
    raise typer.Exit(
        make_workbook(file, mapping, output, connection, since=since, live=live, leavers_max=max_leavers, as_json=json, verbose=verbose)
    )


@app.command()
def check(
    file: o.Workbook, *, entity: o.EntityName = None, profile: o.Profile = None, state_dir: o.StateDir = None, json: o.Json = False
) -> None:
    """Read a workbook offline and list every finding of every cell."""
    from pmbulk.cli.workbooks import check_file

    raise typer.Exit(check_file(file, ConnectionOptions(profile=profile, state_dir=state_dir), entity=entity, as_json=json))


@app.command()
@spread
def plan(
    file: o.Workbook,
    *,
    output: o.Output = None,
    entity: o.EntityName = None,
    typed: o.PlanArguments,
    connection: ConnectionOptions,
    json: o.Json = False,
    verbose: o.Verbose = 0,
) -> None:
    """Tell row by row what a run would do; nothing is sent to PM. PM is read as it is now."""
    from pmbulk.cli.jobs import plan_options
    from pmbulk.cli.plan import plan_file

    raise typer.Exit(plan_file(file, output, plan_options(typed, entity=entity), connection, as_json=json, verbose=verbose))


@app.command()
@spread
def export(
    entities: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ENTITY",
            help="Which sheets to write; all but locked_users and personal_numbers if none is given, extensions for all five kinds",
        ),
    ] = None,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The workbook to write; never overwrites a file")],
    subsystem: Annotated[
        str | None, typer.Option("--subsystem", metavar="NAME", help="Only the extensions of this telephony subsystem")
    ] = None,
    form: Annotated[str | None, typer.Option("--as", metavar="moves", help="Write rows that move the extensions instead")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="NAME", help="The subsystem that they move to")] = None,
    numbers: Annotated[str | None, typer.Option("--numbers", metavar="2000-2999", help="Only these numbers move")] = None,
    concurrency: o.Concurrency = None,
    keep_secrets: Annotated[bool, typer.Option("--keep-secrets", help="Write the passwords and codes that PM shows")] = False,
    connection: PmOptions,
    json: o.Json = False,
    verbose: o.Verbose = 0,
) -> None:
    """Write what PM has as a workbook to change and run. Run unchanged it does nothing."""
    from pmbulk.cli.live import export_live

    raise typer.Exit(
        export_live(
            entities or [], output, connection,
            subsystem=subsystem, form=form, to=to, numbers=numbers, keep_secrets=keep_secrets, concurrency=concurrency, as_json=json, verbose=verbose,
        )
    )  # fmt: skip


@app.command()
@spread
def get(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="A read operation (listUsers) or its path, then its parameters as name=value")
    ],
    *,
    connection: PmOptions,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of a table; what is piped always is")] = False,
    verbose: o.Verbose = 0,
) -> None:
    """Show the answer of any read operation of PM. Of a list it is all pages; passwords and codes are masked."""
    from pmbulk.cli.live import get_live

    get_live(paths, connection, as_json=json, verbose=verbose)


@app.command()
@spread
def run(
    file: o.Workbook,
    *,
    entity: o.EntityName = None,
    yes: o.Yes = False,
    typed: o.RunArguments,
    connection: ConnectionOptions,
    json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = 0,
) -> None:
    """Carry out a workbook's rows. Writes a results workbook with one outcome per row."""
    from pmbulk.cli.jobs import run_options, start

    raise typer.Exit(start(file, run_options(typed, entity=entity), connection, yes=yes, as_json=json, quiet=quiet, verbose=verbose))


@app.command()
@spread
def rerun(
    results: o.Results,
    *,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="FILE", help="The original input, if it moved: secrets are taken from there")
    ] = None,
    yes: o.Yes = False,
    typed: o.RunArguments,
    connection: ConnectionOptions,
    json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = 0,
) -> None:
    """Carry out only what did not succeed in a results workbook. The cells that you corrected there count."""
    from pmbulk.cli.jobs import run_options, start

    options = run_options(typed, rerun=True, source=source)
    raise typer.Exit(start(results, options, connection, yes=yes, as_json=json, quiet=quiet, verbose=verbose))


@app.command()
@spread
def resume(
    job: Annotated[str | None, typer.Argument(metavar="JOB", help="The job; without it the latest that was interrupted")] = None,
    *,
    stop_at: o.StopAt = None,
    connection: ConnectionOptions,
    json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = 0,
) -> None:
    """Go on with a job after a crash or a stop. What is in doubt is read back before anything is sent."""
    from pmbulk.cli.jobs import go_on

    raise typer.Exit(go_on(job, connection, stop_at=stop_at, as_json=json, quiet=quiet, verbose=verbose))


@app.command()
def jobs(*, state_dir: o.StateDir = None, json: o.Json = False) -> None:
    """List the jobs, newest first."""
    from pmbulk.cli.jobs import list_all

    list_all(ConnectionOptions(state_dir=state_dir), as_json=json)


@app.command()
def show(job: o.JobName, *, state_dir: o.StateDir = None, json: o.Json = False) -> None:
    """Show one job: outcomes, causes, where its results are."""
    from pmbulk.cli.jobs import show_one

    show_one(job, ConnectionOptions(state_dir=state_dir), as_json=json)


@app.command()
def results(job: o.JobName, *, output: o.Output = None, state_dir: o.StateDir = None) -> None:
    """Write a job's results workbook again."""
    from pmbulk.cli.jobs import write_again

    write_again(job, output, ConnectionOptions(state_dir=state_dir))


@app.command()
@spread
def login(
    *,
    connection: PmOptions,
) -> None:
    """Try a password on PM and store it in the system's keyring."""
    from pmbulk.cli.credentials import log_in

    log_in(connection)


@app.command()
def logout(*, url: o.Url = None, user: o.User = None, profile: o.Profile = None) -> None:
    """Remove a stored password from the keyring."""
    from pmbulk.cli.credentials import log_out

    log_out(ConnectionOptions(url, user, profile=profile))


@app.command()
def simulate(
    *,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="Port; 0 for a free one")] = 8443,
    username: Annotated[str, typer.Option("--user", metavar="NAME", help="The account that may log in")] = "admin",
    token_lifetime: Annotated[float, typer.Option(metavar="SECONDS", help="Seconds that a token lives")] = 2700.0,
    latency: Annotated[float, typer.Option(metavar="SECONDS", help="Seconds that every answer takes")] = 0.0,
    capacity: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Requests that PM works on at once, the others wait; all if not given")
    ] = None,
    users: Annotated[int, typer.Option(metavar="N", min=0, help="Users to start with beside the demo world's")] = 0,
    faults: Annotated[
        float, typer.Option(metavar="SHARE", min=0.0, max=1.0, help="Share of the requests that go wrong, 0.1 for every tenth")
    ] = 0.0,
    chaos: Annotated[
        int | None,
        typer.Option(metavar="SEED", help="Do not serve: run a workbook through every kind of fault, and show what became of it"),
    ] = None,
    rows: Annotated[int, typer.Option(metavar="N", min=1, max=3000, help="Rows of the workbook that --chaos runs")] = 1000,
) -> None:
    """Serve a simulated PM to rehearse against. Its password is PMBULK_PASSWORD, or what it prints at the start."""
    if chaos is not None:
        from pmbulk.cli.chaos import rehearse_for_people

        raise typer.Exit(rehearse_for_people(seed=chaos, rows=rows))
    from pmbulk.cli.simulate import serve_simulator

    serve_simulator(
        host=host, port=port, username=username, token_lifetime_s=token_lifetime, latency_s=latency, capacity=capacity, users=users, fault_share=faults,
    )  # fmt: skip
