from __future__ import annotations

import pytest

from pmbulk.cli.live import _reads, _show
from pmbulk.errors import UsageError


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            [{"id": 1, "name": "[b]Oslo", "inside": {"a": 1}}, {"id": 2, "open": True, "words": ["x", "y"]}],
            ["id", "name", "open", "words", "[b]Oslo", "true", "x, y", "2 in all"],
        ),
        ([{"inner": {"a": 1}}], ["inner", '{"a": 1}', "1 in all"]),
        ([], ["0 in all"]),
        ({"id": 1, "lims": [{"number": 7}], "none": []}, ["id", "none", "anything: lims", "number", "7", "1 in all"]),
        ({"id": 1, "inside": {"a": 1}}, ["member", "value", "inside", '{"a": 1}']),
        ("100 CONTINUE", ["100 CONTINUE"]),
        (None, []),
    ],
    ids=["list", "nested only", "empty list", "object with a list", "object", "text", "nothing"],
)
def test_answers_of_every_shape_can_be_shown(capsys, monkeypatch, answer, expected):
    """
    A list is a table of its plain members, an object a table of its own and one for each list in it, anything else stands as it is; nothing is markup.
    """
    monkeypatch.setenv("COLUMNS", "120")
    _show("anything", answer)
    shown = capsys.readouterr().out
    assert [] == [word for word in expected if word not in shown]
    assert not (isinstance(answer, list) and "inside  " in shown)


def test_parameters_belong_to_the_operation_before_them():
    """
    Several reads can be asked for at once, each with parameters of its own.
    """
    first, second = _reads(["getUserByUserId", "userId=a=b", "/user-ms/user/by-user-id/v1/x?"])
    assert {"userId": "a=b"} == first.path
    assert {"userId": "x"} == second.path
    with pytest.raises(UsageError, match="comes before any operation"):
        _reads(["userId=anna"])
