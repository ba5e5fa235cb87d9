"""Constructors: which knobs they have, what they refuse, and knobs that one class passes on to another."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import pytest
from torch import nn

from blocks import catalog
from blocks.families.resnet import ResNet
from blocks.families.wide_resnet import WideResNet
from blocks.knobs import Channels, Groups, KernelSize, KnobError, Named, Stride
from blocks.knobs.constructor import checked, knobs_of, named_for, passes_on
from blocks.layers.residual import ResidualBlock


class Inner(nn.Module):
    """A class that declares its knobs."""

    def __init__(self, c_in: Channels, *, kernel_size: KernelSize = 3, stride: Stride = 2, groups: Groups = 1) -> None:
        super().__init__()
        self.given = (c_in, kernel_size, stride, groups)


class Outer(nn.Module):
    """A class that passes three of them on, one with another default, one between its own."""

    @passes_on(Inner, "stride", "c_out", "kernel_size", kernel_size=5)
    def __init__(self, c_in: Channels, *, c_out: Channels = 8, wide: Annotated[Channels, Named("C_w")] = 4, **knobs: Any) -> None:
        super().__init__()
        self.inner, self.wide, self.c_out = Inner(c_in, **knobs), wide, c_out


def test_passed_knobs_are_shown_as_the_constructors_own() -> None:
    parameters = inspect.signature(Outer).parameters
    assert list(parameters) == ["c_in", "stride", "c_out", "kernel_size", "wide"]
    assert [parameters[n].default for n in ("stride", "kernel_size", "wide")] == [2, 5, 4]
    assert parameters["stride"].kind is inspect.Parameter.KEYWORD_ONLY
    own = {k.name: k for k in knobs_of(Outer)}
    theirs = {k.name: k for k in knobs_of(Inner)}
    assert list(own) == list(parameters)
    assert own["stride"] == theirs["stride"]
    assert (own["kernel_size"].default, own["kernel_size"].help) == (5, theirs["kernel_size"].help)


def test_the_body_gets_every_passed_knob() -> None:
    assert Outer(3).inner.given == (3, 5, 2, 1)
    turned = Outer(3, stride=1, wide=6, kernel_size=7)
    assert (turned.inner.given, turned.wide) == ((3, 7, 1, 1), 6)


def test_a_wrong_knob_is_refused_with_the_nearest() -> None:
    with pytest.raises(KnobError, match=r"Outer has no such knob; it has .*kernel_size.*Nearest: kernel_size") as refused:
        Outer(3, kernel_sise=3)
    assert (refused.value.argument, refused.value.value) == ("kernel_sise", 3)
    with pytest.raises(KnobError, match="groups"):  # a knob of Inner that Outer does not pass on
        Outer(3, groups=2)


def test_a_value_of_the_wrong_type_is_refused_once_the_class_is_checked() -> None:
    made = checked(type("Made", (Outer,), {"__init__": Outer.__init__}))
    with pytest.raises(KnobError, match="kernel_size = 'three': must be a whole number"):
        made(3, kernel_size="three")
    with pytest.raises(KnobError, match="must be odd"):
        made(3, kernel_size=4)
    assert made(3, stride=1).knob_values == {"c_in": 3, "stride": 1, "c_out": 8, "kernel_size": 5, "wide": 4}


def test_passing_on_what_the_other_class_does_not_have_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="Inner has no knob dilation to pass on"):

        class _Wrong:
            @passes_on(Inner, "dilation")
            def __init__(self, **knobs: Any) -> None: ...


@pytest.mark.parametrize("cls", [ResNet, WideResNet])
def test_the_families_knobs_are_those_of_the_block(cls: type[nn.Module]) -> None:
    block = {k.name: k for k in knobs_of(ResidualBlock)}
    network = {k.name: k for k in knobs_of(cls)}
    for name in ("kernel_size", "groups", "se_ratio", "norm", "activation", "drop_path"):
        assert network[name] == block[name]
    with pytest.raises(KnobError, match="has no such knob"):
        cls(se_ration=16)
    with pytest.raises(KnobError, match="se_ratio = -1: must lie between 0 and 256"):
        cls(se_ratio=-1)


def test_a_parameter_without_a_knob_type_is_a_programming_error() -> None:
    class _Untyped(nn.Module):
        def __init__(self, c_in: int) -> None: ...

    with pytest.raises(TypeError, match="needs a knob type"):
        knobs_of(_Untyped)


def test_an_error_of_a_part_names_the_owners_knob() -> None:
    owner = type("Owner", (), {"part_knobs": {"c_mid": "expansion"}})
    with pytest.raises(KnobError, match="expansion = 3"), named_for(owner):
        raise KnobError("c_mid", 3, "must be even")
    with pytest.raises(KnobError, match="groups = 3"), named_for(owner):
        raise KnobError("groups", 3, "must be even")


def test_a_missing_knob_is_named() -> None:
    with pytest.raises(KnobError, match="needs a value"):
        catalog.entry("basic_block").cls(3)
