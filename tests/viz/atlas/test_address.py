"""The Atlas' state reads back from its address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from blocks import catalog
from viz.atlas.address import AtlasState, read_atlas, write_atlas

FAMILIES = st.sampled_from(["", *(f.name for f in catalog.families())])


@given(st.builds(AtlasState, FAMILIES, st.text(max_size=20).map(str.strip)))
def test_a_state_reads_back(state: AtlasState) -> None:
    assert read_atlas(write_atlas(state)) == (state, [])


def test_an_unknown_family_is_said_and_the_search_holds() -> None:
    state, problems = read_atlas((("family", "resnot"), ("find", "gate")))
    assert state == AtlasState("", "gate")
    assert "resnet" in problems[0]
