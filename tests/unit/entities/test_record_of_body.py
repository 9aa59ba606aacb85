from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.extension_record import ExtensionKind, extension_body
from pmbulk.entities.record_of_body import record_of
from tests.extension_bodies import bodies


@pytest.mark.parametrize("kind", ExtensionKind, ids=str)
def test_a_record_reads_as_the_body_that_it_is_made_of(kind):
    """
    Body to record to body changes nothing, with all members that PM shows of any kind.
    """

    @given(body=bodies(kind))
    def holds(body):
        assert body == extension_body(record_of(body, kind), kind)

    holds()


def test_a_record_holds_texts_only():
    """
    The raw record writes numbers and flags as text (QUIRKS 84).
    """

    @given(data=st.data(), kind=st.sampled_from(ExtensionKind))
    def holds(data, kind):
        raw = record_of(data.draw(bodies(kind)), kind)["extensionVO"]
        assert all(isinstance(leaf, str) for leaf in leaves_of(raw))

    holds()


def leaves_of(value):
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves_of(inner)]
    return [leaf for inner in value for leaf in leaves_of(inner)] if isinstance(value, list) else [value]
