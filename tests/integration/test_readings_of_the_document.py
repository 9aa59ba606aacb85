from __future__ import annotations

import pytest

from pmbulk.door.exporting import export_entities
from pmbulk.door.options import RunOptions
from pmbulk.door.planning import plan_job
from pmbulk.door.running import Target, rerun_job, run_job
from pmbulk.entities.session import IfExists
from pmbulk.errors import Outcome
from pmbulk.pm.assumptions import Assumptions
from pmbulk.pm.transport import Connection
from pmbulk.secret import Secret
from pmbulk.simulator import HeaderScheme, SimulatorSettings, running
from tests.new_site import correct, write_sample

# PM's document leaves these open; pmbulk has to live with every reading, without being told which it meets.
READINGS = {
    "as documented": {},
    "raw token": {"header_scheme": HeaderScheme.RAW},
    "pages from 0, cut short": {"users_first_page": 0, "max_page_size": 7, "count_is_total": False, "generated_users": 60},
    "pages from 1": {"locations_first_page": 1, "departments_first_page": 1, "max_page_size": 5, "generated_users": 60},
    "no error bodies, no false": {"error_bodies": False, "omit_false": True, "refused_login_status": 401},
    "updates merge, single objects": {
        "updates_merge": True,
        "number_series_as_list": False,
        "user_extensions_as_list": False,
        "omit_empty": False,
    },
    "conflicts, remote extensions, defaults": {"duplicate_status": 409, "remote_shown": True, "paging_defaults": True},
    "locations by the URL's page": {"locations_page_parameter": "pageno", "max_page_size": 2},
    "locations by the URL's page, others overlooked": {"locations_page_parameter": "pageno", "paging_defaults": True, "max_page_size": 2},
    "tokens of a second": {"token_lifetime_s": 1.0, "refresh_lifetime_s": 1.5, "latency_s": 0.05},
}


@pytest.mark.parametrize("reading", READINGS)
def test_main_job_works_however_the_document_is_read(tmp_path, reading):
    """
    The sample runs, its corrected rows succeed, and what is exported afterwards plans nothing.
    """
    settings = SimulatorSettings(**READINGS[reading])
    write_sample(tmp_path / "site.xlsx")
    with running(settings) as pm:
        target = Target(Connection(pm.url, settings.username, Secret(settings.password)), tmp_path / "state")
        first = run_job(tmp_path / "site.xlsx", target)
        assert {"succeeded": 52, "failed": 3, "invalid": 2, "blocked": 1} == {
            outcome.value: count for outcome, count in first.counts.items()
        }
        correct(first.results, tmp_path / "corrected.xlsx")
        assert {"succeeded": 58} == {
            outcome.value: count for outcome, count in rerun_job(tmp_path / "corrected.xlsx", target).counts.items()
        }
        export_entities(["users", "departments", "locations", "ip_extensions"], tmp_path / "live.xlsx", target)
        plan = plan_job(tmp_path / "live.xlsx", target)
    assert {"nothing"} == {verdict.value for counts in plan.counts.values() for verdict, count in counts.items() if count}


NUMBERS = "".join(f"create,MX1,{number},1,1\n" for number in range(2000, 2006))

# What pmbulk cannot find out by itself, the configuration can say: PM's reading, what says it, and rows that meet it.
TOLD = {
    "not there is gone": (
        {"absent_status": 410},
        {"absent_statuses": [404, 410]},
        "users.csv",
        "userId,lastName,newPassword\nnew,New,Aa1!aaaaaaaa\n",
    ),
    "roots have no parent": ({"root_parent_sent": False}, {"root_parent_id": None}, "departments.csv", "path,location\nRoot,Berlin\n"),
    "busy in other words": (
        {"busy_words": "TRY LATER", "busy_status": 400, "telephony_writes": 1, "latency_s": 0.01},
        {"busy_marker": "try later"},
        "virtual_extensions.csv",
        f"action,subsystemName,extensionNumber,serverNumber,commonServiceProfile\n{NUMBERS}",
    ),
}


@pytest.mark.parametrize("reading", TOLD)
def test_pmbulk_can_be_told_how_pm_reads_it(tmp_path, reading):
    """
    Rows that fail at a PM which departs from what is assumed succeed once the assumptions say so.
    """
    departs, assumed, name, text = TOLD[reading]
    settings = SimulatorSettings(**departs)
    (tmp_path / name).write_text(text, "utf-8")
    outcomes = []
    for assumptions in (Assumptions(), Assumptions.from_mapping(assumed)):
        with running(settings) as pm:
            connection = Connection(pm.url, settings.username, Secret(settings.password))
            options = RunOptions(per_subsystem=2, if_exists=IfExists.SKIP)
            outcomes.append(run_job(tmp_path / name, Target(connection, tmp_path / "state", assumptions), options=options).counts)
    assert (True, {Outcome.SUCCEEDED}) == (Outcome.FAILED in outcomes[0], set(outcomes[1]))
