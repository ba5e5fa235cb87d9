"""What the map's script is given."""

from __future__ import annotations

import json

from blocks import catalog
from blocks.catalog import lineage
from viz.atlas.map import _drawn, date


def test_every_family_and_every_line_is_drawn() -> None:
    drawn = json.loads(json.dumps(_drawn("en")))
    names = {f.name for f in catalog.families()}
    assert {n["family"] for n in drawn["nodes"]} == names
    assert len(drawn["edges"]) == len(lineage.EDGES)
    assert {e[end] for e in drawn["edges"] for end in ("source", "target")} <= names
    lanes = {lane["idea"] for lane in drawn["lanes"]}
    assert all(n["lane"] in lanes for n in drawn["nodes"])


def test_dates_are_words() -> None:
    resnet = next(f for f in catalog.families() if f.name == "resnet")
    assert date(resnet) == "December 2015"
