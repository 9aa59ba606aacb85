from __future__ import annotations

import pytest

from pmbulk.door.exporting import export_entities
from pmbulk.door.planning import plan_job
from pmbulk.door.running import Target, rerun_job, run_job
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
