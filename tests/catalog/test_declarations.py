"""What a family file may declare, and what it is told where it declares something wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from torch import nn

from blocks.catalog import declarations
from blocks.catalog.declarations import block, family, model, presets
from blocks.catalog.entries import Family, Paper
from blocks.knobs import Channels, KnobError

FIRST, SECOND = Paper("First", "A", 2015), Paper("Second", "B", 2017)


@pytest.fixture(autouse=True)
def _own_catalog(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(declarations, "declared_entries", {})
    monkeypatch.setattr(declarations, "declared_families", {})
    return


@pytest.fixture
def of() -> Family:
    return family("test", "Test", "Nothing.", FIRST, tags=("tag",))


def network() -> type[nn.Module]:
    class TinyNet(nn.Module):
        """One layer and
        no more.

        A second paragraph.
        """

        def __init__(self, width: Channels = 8, *, in_channels: Channels = 3) -> None:
            super().__init__()
            self.conv = nn.Conv2d(in_channels, width, 1)

    return TinyNet


def test_a_family_is_known_by_its_name(of: Family) -> None:
    assert declarations.declared_families == {"test": of}
    assert (of.papers, of.tags) == ((FIRST,), ("tag",))


def test_a_block_is_named_after_its_class(of: Family) -> None:
    block(of, input=(2, "width", 5, 7), paper=SECOND, width=6)(network())
    entry = declarations.declared_entries["tiny_net"]
    assert (entry.kind, entry.input, entry.papers, entry.defaults) == ("block", (2, "width", 5, 7), (SECOND,), {"width": 6})
    assert entry.summary.split() == ["One", "layer", "and", "no", "more."]


def test_presets_of_a_model(of: Family) -> None:
    cls = model(of)(network())
    presets(cls, "elsewhere", resolution=64, tiny={"width": 4}, small={"width": 12, "resolution": 96})
    tiny, small = (declarations.declared_entries[n] for n in ("tiny", "small"))
    assert (tiny.input, small.input) == ((1, "in_channels", 64, 64), (1, "in_channels", 96, 96))
    assert (tiny.defaults, small.defaults) == ({"width": 4}, {"width": 12})
    assert {tiny.equals, small.equals} == {"elsewhere"}
    assert tiny.family is of


def test_a_name_twice(of: Family) -> None:
    cls = model(of)(network())
    presets(cls, tiny={})
    with pytest.raises(ValueError, match="tiny is in the catalog twice"):
        presets(cls, tiny={})


def test_a_preset_with_a_knob_that_there_is_not(of: Family) -> None:
    with pytest.raises(KnobError, match="widht"):
        presets(model(of)(network()), tiny={"widht": 4})
