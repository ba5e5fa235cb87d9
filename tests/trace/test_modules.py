"""The list of modules is torch's own: the same paths, modules and order, also where a module stands at two places or says itself what it holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from torch import nn

from blocks import catalog
from blocks.trace.build import build_bare
from blocks.trace.modules import modules_of


def shared() -> nn.Module:
    part = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
    net = nn.ModuleDict({"a": part, "b": nn.Sequential(part, part[0], nn.Identity()), "c": part[1]})
    net.register_module("none", None)
    return net


class Own(nn.Sequential):
    def named_modules(self, *_args: object, **_settings: object) -> Iterator[tuple[str, nn.Module]]:
        yield "own", self[0]


def same(net: nn.Module) -> bool:
    return [(path, id(module)) for path, module in modules_of(net)] == [(path, id(module)) for path, module in net.named_modules()]


@pytest.mark.parametrize("make", [shared, lambda: nn.Sequential(nn.ReLU(), Own(nn.ReLU())), nn.ReLU], ids=["shared", "own", "leaf"])
def test_as_torch_lists_them(make) -> None:
    assert same(make())


@pytest.mark.parametrize("name", ["resnet50", "inception_v3", "vit_b_16", "densenet121"])
def test_as_torch_lists_those_of_the_catalog(name: str) -> None:
    entry = catalog.entry(name)
    assert same(build_bare(lambda: catalog.make(entry, catalog.settings(name))))
