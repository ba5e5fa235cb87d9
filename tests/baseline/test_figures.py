"""What the library says of every name, at its default and at turned settings, is what was recorded before the rebuilding.

Of the three turned settings of a name ``make test`` takes one, the first of one name, the second of the next; ``make thorough`` takes all.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from blocks import catalog
from tests.baseline import figures
from tests.thorough import spread

RECORDED = figures.load()


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_everything_said_of_a_name_is_as_recorded(name: str) -> None:
    default, *turned = RECORDED[name]
    for setting in (default, *spread(turned, 3, sorted(RECORDED).index(name))):
        knobs = figures.settings_of(setting["knobs"])
        assert json.loads(json.dumps(figures.describe(name, knobs))) == setting["said"], knobs


def test_every_name_is_recorded() -> None:
    assert sorted(RECORDED) == sorted(catalog.names())


def test_a_changed_setting_is_seen() -> None:
    said: dict[str, Any] = figures.describe("basic_block", {"c_out": 65, "c_in": 65})
    assert said["figures"] != RECORDED["basic_block"][0]["said"]["figures"]
