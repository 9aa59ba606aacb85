"""A small mapping, and HR's rows the way a reader delivers them."""

from __future__ import annotations

import pytest

from pmbulk.onboarding.mapping import rules_of
from pmbulk.onboarding.onboard import onboard
from pmbulk.onboarding.pins import Pins
from pmbulk.secret import Secret

HEADERS = ("Employee No", "Name", "Department", "Site", "Status")

MAPPING = """
version = 1
[source]
filter = "status != 'Total'"
fill_down = ["dept"]
language = "sv"
[columns]
number = "Employee No"
name = "Name"
dept = "Department"
site = "Site"
status = "Status"
[values.department]
"Sales" = "Company/Sales"
"Care" = "Company/Care"
[values.subsystem]
"Stockholm" = "MX1"
"Berlin" = "MX2"
[person]
key = "{{ number }}"
keep_in = "udf1"
active = "status == 'Active'"
[let]
first = "{{ name|first_name }}"
last = "{{ name|last_name }}"
subsystem = "{{ site|from_map('subsystem') }}"
[user_id]
take = "{{ first|ascii|lower|letters }}.{{ last|ascii|lower|letters }}"
[numbers.extension]
subsystem = "{{ subsystem }}"
by = "{{ site }}"
ranges.Stockholm = "2000-2999"
ranges.Berlin = "3000-3999"
reserved = ["2000-2009"]
[secrets.password]
kind = "password"
length = 13
[secrets.code]
kind = "code"
length = 6
[[record]]
sheet = "ip_extensions"
[record.fields]
subsystemName = "{{ subsystem }}"
extensionNumber = "{{ extension }}"
serverNumber = 1
commonServiceProfile = 0
"authorizationCodes.1.authorizationCode" = "{{ code }}"
[[record]]
sheet = "users"
[record.fields]
userId = "{{ user_id }}"
firstName = "{{ first }}"
lastName = "{{ last }}"
newPassword = "{{ password }}"
udf1 = "{{ number }}"
department = "{{ dept|from_map('department') }}"
"extensions.1.extensionNumber" = "{{ extension }}"
"extensions.1.subsystemName" = "{{ subsystem }}"
"""


def numbered(rows, headers=HEADERS):
    """Rows below the headers, numbered as in a file."""
    return [(1, headers), *enumerate(rows, start=2)]


def person(key, name="Berg, Anna", dept="Sales", site="Stockholm", status="Active"):
    """A row of HR's."""
    return (key, name, dept, site, status)


def generate(rule, key, name):
    """Secrets that can be told apart, and found where they should not be."""
    return Secret(f"sentinel-{rule.kind}-{key}-{name}")


@pytest.fixture(scope="session")
def rules():
    """
    The rules of `MAPPING`.
    """
    return rules_of(MAPPING, name="hr.toml")


@pytest.fixture
def taken_on(rules):
    """
    Onboards rows: what comes of them, with what is remembered.
    """

    def take(rows, pins=None, *, since=None, mapping=None, **more):
        return onboard(
            numbered(rows),
            rules if mapping is None else rules_of(mapping, name="hr.toml"),
            file="hr.xlsx",
            pins=Pins() if pins is None else pins,
            generate=generate,
            since=None if since is None else numbered(since),
            **more,
        )

    return take
