"""What `onboard --live` asks PM, and what it does where PM does not tell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pmbulk.simulator import Fault, FaultKind
from tests.support import rows_of

TOP = Path(__file__).parents[2]
LIST, MAPPING = "personallista.csv", "hr_personallista.toml"


@pytest.fixture
def hr(tmp_path, command):
    """
    The command beside the Swedish list and its mapping.
    """
    command.environment["PMBULK_HANDOVER_PASSWORD"] = "Hand-over-1!"
    shutil.copy(TOP / "sample_sheets" / LIST, tmp_path)
    shutil.copy(TOP / "templates" / MAPPING, tmp_path)
    return command


def live(hr, name="new.xlsx", *, check=1):
    """Compare the list with PM; two of its people have findings."""
    return hr("onboard", LIST, "--mapping", MAPPING, "--live", "-o", name, check=check)


def asked(pm, operation, parameter):
    """The values of a query parameter in all requests of an operation."""
    return {arrival.query[parameter] for arrival in pm.requests if arrival.operation == operation}


def test_pm_is_asked_about_subsystems_in_its_own_spelling(hr, pm):
    """
    Nobody knows whether PM's look-ups mind capitals.
    """
    live(hr)
    telephony = {one.name for one in pm.world.subsystems.values() if one.kind == "TelephonyServer"}
    assert telephony == asked(pm, "getNumberSeries", "subsystemName")


def test_pm_need_not_tell_its_number_series(hr, pm, tmp_path):
    """
    Where PM refuses to, every number of the mapping's ranges may be given.
    """
    pm.faults.add(Fault(kind=FaultKind.STATUS, match="getNumberSeries", status=403))
    live(hr)
    assert "1510" == rows_of(tmp_path / "new.xlsx", "ip_extensions")[0]["extensionNumber"]


def test_only_the_extensions_of_the_mapping_s_people_are_read(hr, pm):
    """
    Of everybody else's, PM is asked for the numbers alone: an administrator may not be allowed to see more.
    """
    live(hr)
    hr("run", "new.xlsx", check=0)
    pm.requests.clear()
    live(hr, "again.xlsx")
    assert {"1510", "1600", "1604"} < asked(pm, "getExtensionDetails", "extensionNumber")
    assert set() == {number for number in asked(pm, "getExtensionDetails", "extensionNumber") if not number.startswith(("15", "16"))}


@pytest.mark.parametrize(
    ("operation", "words"),
    [("getUserByUserId", "user 'anna.berg'"), ("getServerDetails", "all extensions in MX"), ("getExtensionDetails", "extension 15")],
)
def test_what_pm_does_not_tell_is_not_taken_for_missing(hr, pm, tmp_path, operation, words):
    """
    Where a user or an extension cannot be read nobody knows who is new: it is said what, and nothing is written.
    """
    live(hr)
    hr("run", "new.xlsx", check=0)
    pm.faults.add(Fault(kind=FaultKind.STATUS, match=operation, status=403))
    done = live(hr, "again.xlsx")
    assert words in done.stderr
    assert "nobody can tell who is new" in done.stderr
    assert not (tmp_path / "again.xlsx").exists()
