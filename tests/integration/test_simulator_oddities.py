"""Requests that nobody means seriously: whatever stands in them, PM itself does not fail over it."""

from __future__ import annotations

import pytest

JSON = {"Content-Type": "application/json"}
#: More digits than Python makes a number of.
DIGITS = "9" * 5000
EXTENSION = {"extensionNumber": "4000", "serverNumber": 1, "commonServiceProfile": 3}
IP = "/pm-extension-ms/pm-extension/v1/ip?subsystemName=MX1"
LISTS = "/pm-extension-ms/pm-personal-number/v2/1101"
TELEPHONY = {"ipOrFQDNAddress": "mx.example", "userId": "pm", "password": "Secret-1234567!"}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", f"/system-ms/department/v1/{DIGITS}", {}),
        ("GET", "/system-ms/location/v1?search=*&pageNo=2147483648&pageSize=200&orderby=", {}),
        ("POST", "/system-ms/location/v1", {"content": b"[" * 100_000, "headers": JSON}),
        ("POST", "/system-ms/location/v1", {"content": b'{"locationName": "\\ud800"}', "headers": JSON}),
        ("POST", "/auth/login", {"content": b'{"username": "admin", "password": "\\uDFFF"}', "headers": JSON}),
        ("POST", IP, {"json": EXTENSION | {"customer": DIGITS}}),
        ("POST", IP, {"json": EXTENSION | {"authorizationCodes": [{}]}}),
        ("POST", "/system-ms/subsystem/v1", {"json": {"subsystemName": "MX9", "location": DIGITS, "mxoneSubsystem": TELEPHONY}}),
        (
            "PUT",
            "/pm-extension-ms/pm-extension/v1/update?extensionNumber=1101",
            {"json": {"subsystemId": 1, "extensionVO": {"gedi": [{"csp": {"cspnumber": DIGITS}}]}}},
        ),
    ],
    ids=["id", "page", "depth", "half a character", "half a password", "customer", "empty code", "location", "raw record"],
)
def test_it_is_refused(api, method, path, sent):
    """
    What cannot be right is answered with 400.
    """
    assert 400 == api.request(method, path, **sent).status_code


def test_a_delay_list_without_end_is_no_list(api):
    """
    A delay list's number is a text that nobody checks, so what reads the lists must bear anything (QUIRKS 107).
    """
    made = api.post(LISTS, json={"list": {"listNo": 5, "delayListNumber": DIGITS}, "chos": [{"chono": 1, "anspos": "1002"}]})
    assert (200, 200, []) == (made.status_code, (read := api.get(LISTS)).status_code, read.json()["delayseizurelist"])
