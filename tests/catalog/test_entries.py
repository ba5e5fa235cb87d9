"""What the catalog knows of a name."""

from __future__ import annotations

import pytest
from torch import nn

from blocks import catalog
from blocks.catalog.entries import Entry, Family, Paper
from blocks.knobs import Channels, KernelSize


class Layer(nn.Module):
    def __init__(self, c_in: Channels, *, kernel_size: KernelSize = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_in, kernel_size)


@pytest.mark.parametrize(
    ("paper", "link"),
    [
        (Paper("A", "B", 2015, "1512.03385"), "https://arxiv.org/abs/1512.03385"),
        (Paper("A", "B", 2015, "1512.03385", "https://example.org/a"), "https://example.org/a"),
        (Paper("A", "B", 1998), ""),
    ],
)
def test_where_a_paper_can_be_read(paper: Paper, link: str) -> None:
    assert paper.link == link


def test_an_entrys_knobs_have_its_defaults() -> None:
    of = Family("f", "F", "Nothing.", ())
    entry = Entry("layer", "block", Layer, of, "", (), (1, "c_in", 8, 8), {"c_in": 12})
    knobs = {k.name: k for k in entry.knobs}
    assert (knobs["c_in"].default, knobs["kernel_size"].default) == (12, 3)
    assert not any(k.required for k in entry.knobs)


def test_every_family_has_a_paper_with_a_link() -> None:
    for name in catalog.names():
        entry = catalog.entry(name)
        assert entry.papers, name
        assert entry.papers[0].link or entry.papers[0].year < 2000, name
