"""The memo: every name of the catalog is built and traced with it as without it, and a block that breaks its contract is told so."""

from __future__ import annotations

import copy
import dataclasses
import threading
from typing import Any

import pytest
import torch
from torch import nn

from blocks import Analysis, analyse, catalog
from blocks.catalog import Family, Paper, declarations
from blocks.knobs import Channels, KnobError
from blocks.trace import memo
from blocks.trace.build import build_bare
from blocks.trace.memo import Bounded, exact_key, forget, memoised, without_memo
from blocks.trace.proxy import Proxy
from blocks.trace.run import trace
from blocks.trace.symbolic import plain, symbol, term_of
from blocks.trace.terms import Term
from tests.thorough import spread


@pytest.fixture(autouse=True)
def _empty():
    forget()
    yield
    forget()


def exactly(value: Any) -> Any:
    """A value with its symbols, as something that can be compared without asking the symbols."""
    if isinstance(value, (tuple, list)):
        return tuple(map(exactly, value))
    if isinstance(value, dict):
        return tuple((k, exactly(v)) for k, v in value.items())
    return type(value).__name__, plain(value), _renewed(term_of(value))


def _renewed(term: Any) -> Any:
    """A term with each rounding by its name: the function behind it is made anew with each network."""
    if not isinstance(term, Term):
        return term
    return (term.op, *(str(a) if callable(a) else _renewed(a) for a in term.args))


def written(analysis: Analysis) -> tuple[Any, ...]:
    """All that a trace says, node by node and call by call."""
    graph = analysis.graph
    nodes = [tuple(exactly(getattr(n, f.name)) for f in dataclasses.fields(n)) for n in graph.nodes]
    calls = [(c.index, c.path, c.label, c.parent, c.cls, type(c.module), exactly(c.input_shape or ()), c.failed) for c in graph.calls]
    return nodes, calls, exactly(graph.params), exactly(graph.unused_params), sorted(map(repr, analysis.conditions))


def broken(name: str, **settings: Any) -> str:
    """Why ``name`` breaks the contract of the memo, as a sentence; empty where it keeps it."""
    with without_memo():
        expected = written(analyse(name, **settings))
    for time in ("built and traced for the first time", "taken from the memo", "taken from the memo again"):
        found = written(analyse(name, **settings))
        for what, one, other in zip(("operations", "calls", "parameters", "unused parameters", "conditions"), expected, found, strict=True):
            if one != other:
                return (
                    f"{name}: its {what} differ when its blocks are {time}. A block must depend on nothing but its constructor's arguments and its "
                    "input, and must not be changed after it was built: see the docstring of blocks.catalog.block"
                )
    return ""


@pytest.mark.parametrize("training", [False, True], ids=["eval", "training"])
@pytest.mark.parametrize("name", catalog.names(kind="block") + spread(catalog.names(kind="model"), 2))
def test_names_keep_the_contract(name: str, training: bool) -> None:
    assert broken(name, training=training) == ""


@pytest.mark.parametrize("name", catalog.names(kind="block"))
def test_every_block_keeps_the_contract_with_symbols(name: str) -> None:
    assert broken(name, symbolic=True) == ""


@pytest.mark.parametrize("name", ["vit_b_32", "oct_resnet26", "mobilenet_v3_small", "shufflenet_v2_x1_0", "seresnet18"])
def test_every_network_keeps_the_contract_with_symbols_for_its_sizes(name: str) -> None:
    with without_memo():
        expected = written(analyse(name).by_sizes)
    assert [written(analyse(name).by_sizes) for _ in range(2)] == [expected] * 2


def entered(cls: type[nn.Module], monkeypatch: pytest.MonkeyPatch) -> str:
    """Enter a block for one test; returns its name."""
    of = Family("test", "Test", "Nothing.", (Paper("Nothing", "Nobody", 2026),))
    monkeypatch.setattr(declarations, "declared_entries", dict(declarations.declared_entries))
    monkeypatch.setattr(catalog.registry, "declared_entries", declarations.declared_entries)
    catalog.block(of, input=(2, "c_in", 7, 5), c_in=6)(cls)
    return catalog.snake_case(cls.__name__)


class ReadsAnOuterState(nn.Module):
    """A block whose forward counts its calls."""

    calls = 0

    def __init__(self, c_in: Channels) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_in, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ReadsAnOuterState.calls += 1
        return self.conv(x) if ReadsAnOuterState.calls % 2 else self.conv(self.conv(x))


def test_a_block_that_breaks_the_contract_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    said = broken(entered(ReadsAnOuterState, monkeypatch))
    assert said.startswith("reads_an_outer_state: its operations differ")
    assert "depend on nothing but its constructor's arguments and its input" in said


# --- Building ------------------------------------------------------------------------------------


def described(module: nn.Module) -> tuple[Any, ...]:
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return (
        type(module),
        repr(module),
        {k: v for k, v in module.__dict__.items() if k not in ("_parameters", "_buffers", "_modules")},
        {k: (tuple(t.shape), t.dtype, t.requires_grad, isinstance(t, nn.Parameter)) for k, t in tensors.items()},
        [list(module._parameters), list(module._buffers), list(module._modules)],
    )


@pytest.mark.parametrize("name", catalog.names(kind="block"))
def test_a_copied_block_is_what_building_gives_and_stands_alone(name: str) -> None:
    entry = catalog.entry(name)
    built, copied = (build_bare(lambda: catalog.make(entry, catalog.settings(name))) for _ in range(2))
    assert [(path, described(m)) for path, m in copied.named_modules()] == [(path, described(m)) for path, m in built.named_modules()]
    for mine, other in zip(copied.modules(), built.modules(), strict=True):
        assert mine is not other
        for key, value in mine.__dict__.items():
            if isinstance(value, (dict, set, list)):
                assert other.__dict__[key] is not value, key
    assert not {id(t) for t in copied.parameters()} & {id(t) for t in built.parameters()}


def test_a_block_that_is_changed_after_building_is_not_what_comes_next() -> None:
    entry = catalog.entry("bottleneck")
    first = build_bare(lambda: catalog.make(entry, catalog.settings("bottleneck")))
    was = copy.deepcopy([described(m) for m in first.modules()])
    first.body[0].conv.stride = (3, 3)
    first.knob_values["stride"] = 3
    first.after = nn.Identity()
    later = build_bare(lambda: catalog.make(entry, catalog.settings("bottleneck")))
    assert [described(m) for m in later.modules()] == was


def test_a_subclass_of_a_block_builds_its_own() -> None:
    base = catalog.entry("bottleneck").cls

    class Mine(base):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **knobs: Any) -> None:
            super().__init__(*args, **knobs)
            self.mine = nn.Identity()

    blocks = build_bare(lambda: nn.ModuleList([Mine(8, 4, 16) for _ in range(3)]))
    assert all(type(b) is Mine and list(b._modules)[-1] == "mine" for b in blocks)


def test_a_bad_knob_fails_again() -> None:
    entry = catalog.entry("bottleneck")
    for _ in range(3):
        with pytest.raises(KnobError, match="groups"):
            build_bare(lambda: catalog.make(entry, catalog.settings("bottleneck", groups=7)))


def test_outside_of_bare_building_every_block_is_built() -> None:
    first, second = catalog.build("bottleneck"), catalog.build("bottleneck")
    assert type(next(first.parameters())) is nn.Parameter is not Proxy
    assert not torch.equal(next(first.parameters()), next(second.parameters()))
    assert len(memo._built) == 0


def test_types_of_another_default_are_not_mixed_up() -> None:
    analyse("bottleneck")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        entry = catalog.entry("bottleneck")
        assert next(build_bare(lambda: catalog.make(entry, catalog.settings("bottleneck"))).parameters()).dtype == torch.float64
    finally:
        torch.set_default_dtype(before)


@memoised
class Tied(nn.Module):
    """One tensor under two names: no copy can be made of it one by one."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.empty(n))
        self.b = self.a


def test_a_tensor_used_twice_in_one_block_stays_one() -> None:
    for _ in range(2):
        made = build_bare(lambda: Tied(4))
        assert made.a is made.b


# --- Keys and limits -----------------------------------------------------------------------------


def test_equal_numbers_of_different_types_and_symbols_are_different_keys() -> None:
    a, b = symbol("a", 1), symbol("b", 1)
    keys = [exact_key(v) for v in (1, 1.0, True, a, b, a + 1 - 1, (1,), [1])]
    assert len(set(keys)) == len(keys)
    assert exact_key(a) == exact_key(symbol("a", 1))


def test_what_was_not_used_for_longest_goes() -> None:
    kept: Bounded[int] = Bounded(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.used("a") == 1
    kept.put("c", 3)
    assert (kept.used("a"), kept.used("b"), kept.used("c"), len(kept)) == (1, None, 3, 2)


def test_what_is_kept_weighs_no_more_than_the_limit() -> None:
    kept: Bounded[str] = Bounded(10)
    for key, weight in (("a", 4), ("b", 5), ("a", 2), ("c", 3)):
        kept.put(key, key, weight)
    assert (set(kept), kept.weight) == ({"a", "b", "c"}, 10)
    kept.put("d", "d", 4)  # b was not used for longest
    assert (set(kept), kept.weight) == ({"a", "c", "d"}, 9)
    kept.put("e", "e", 99)  # the newest stays: it is on the screen
    assert (set(kept), kept.weight) == ({"e"}, 99)
    kept.clear()
    assert (len(kept), kept.weight) == (0, 0)


# --- Tracing -------------------------------------------------------------------------------------


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the blocks that were replayed."""
    paths: list[str] = []
    replay = memo.TracedBlocks._replay

    def watched(self: Any, segment: Any, path: str, x: Any) -> Any:
        paths.append(path)
        return replay(self, segment, path, x)

    monkeypatch.setattr(memo.TracedBlocks, "_replay", watched)
    return paths


def test_equal_blocks_are_traced_once(replayed: list[str]) -> None:
    analyse("vit_b_32")
    assert len(replayed) == len(set(replayed)) == 11


def test_stages_that_a_turned_knob_does_not_touch_are_replayed(replayed: list[str]) -> None:
    analyse("resnet50")
    replayed.clear()
    analyse("resnet50", num_classes=10)
    assert len(replayed) == 16
    replayed.clear()
    analyse("resnet50", depths=(3, 4, 6, 2))
    assert len(replayed) == 15


@pytest.mark.parametrize("other", [{"input_shape": (1, 3, 192, 192)}, {"input_shape": (2, 3, 224, 224)}, {"dtype": "float16"}, {"training": True}])
def test_another_size_type_or_mode_is_another_trace(other: dict[str, Any]) -> None:
    analyse("seresnet18")
    with without_memo():
        expected = written(analyse("seresnet18", **other))
    assert written(analyse("seresnet18", **other)) == expected


def really_built(name: str) -> nn.Module:
    """A network as a user builds it, without the time that initialisation takes."""
    with torch.device("meta"):
        return catalog.build(name).eval()


@pytest.mark.parametrize("name", catalog.names()[::6])
def test_a_network_that_is_really_built_is_traced_as_without_it(name: str) -> None:
    net, shape = really_built(name), catalog.input_shape(name)
    with without_memo():
        expected = written(analyse(net, shape))
    assert [written(analyse(net, shape)) for _ in range(2)] == [expected] * 2


def test_a_network_that_is_really_built_uses_it(replayed: list[str]) -> None:
    analyse(really_built("resnet18"), (1, 3, 224, 224))
    assert len(replayed) == 1  # both blocks of the first stage are equal, in every later one the first halves the picture
    replayed.clear()
    analyse(catalog.build("resnet18").eval(), (1, 3, 224, 224))
    assert len(replayed) == 8


class Halved(nn.Module):
    """Somebody's own layer, which has promised nothing."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / 2


def _own_layer(block: Any) -> None:
    block.body[0].act = Halved()


def _other_layer(block: Any) -> None:
    block.body[0].act = nn.Softplus()


def _own_forward(block: Any) -> None:
    block.body[0].act.forward = lambda x: x * x + 1


def _hook(block: Any) -> None:
    block.body[0].conv.register_forward_hook(lambda _, __, output: output + 1)


def _wider(block: Any) -> None:
    block.body[0].norm = nn.Identity()


@pytest.mark.parametrize("change", [_other_layer, _own_forward, _hook, _wider])
def test_a_block_that_was_changed_after_building_is_traced_as_it_is(change: Any, replayed: list[str]) -> None:
    net, shape = really_built("seresnet18"), (1, 3, 64, 96)
    analyse(net, shape)
    replayed.clear()
    change(net.get_submodule(_path_of_blocks(net)[1]))
    with without_memo():
        expected = written(analyse(net, shape))
    assert written(analyse(net, shape)) == expected
    assert _path_of_blocks(net)[1] not in replayed
    assert _path_of_blocks(net)[0] in replayed


def test_a_block_with_somebody_elses_layer_is_traced_as_it_is_on_fake_tensors(replayed: list[str]) -> None:
    net, shape = really_built("seresnet18"), (1, 3, 64, 96)
    before = analyse(net, shape)
    replayed.clear()
    _own_layer(net.get_submodule(_path_of_blocks(net)[1]))
    after = analyse(net, shape)
    assert replayed == []
    assert [n.op for n in after.graph.nodes] != [n.op for n in before.graph.nodes]
    assert after.macs == before.macs


def _path_of_blocks(net: nn.Module) -> list[str]:
    return [path for path, module in net.named_modules() if type(module).__name__ == "BasicBlock"]


def test_what_looks_like_an_equal_number_is_another_state() -> None:
    keys = []
    for value in (1, 1.0, True, "1", (1,), None):
        block = catalog.build("bottleneck")
        block.alpha = value
        keys.append(memo.state_key(block))
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_a_frozen_weight_another_type_or_mode_is_another_state() -> None:
    blocks = [catalog.build("bottleneck") for _ in range(5)]
    next(blocks[1].parameters()).requires_grad_(False)
    blocks[2].half()
    next(iter(blocks[3].children())).eval()
    keys = [memo.state_key(block) for block in blocks]
    assert keys[4] == keys[0] is not None
    assert len(set(keys)) == 4


def test_a_tied_network_does_not_use_it(replayed: list[str]) -> None:
    entry = catalog.entry("encoder_block")
    net = build_bare(lambda: nn.Sequential(*(catalog.make(entry, catalog.settings("encoder_block")) for _ in range(2))))
    net[1].mlp[0].weight = net[0].mlp[0].weight
    shape = catalog.input_shape("encoder_block")
    graph, _ = trace(net, shape, "float32", 4, False, bare=True, ours=True)
    assert replayed == []
    assert graph.params == sum({id(p): p.numel() for p in net.parameters()}.values())


def test_a_block_called_twice_is_replayed_once_at_most(replayed: list[str]) -> None:
    entry = catalog.entry("encoder_block")
    block = build_bare(lambda: catalog.make(entry, catalog.settings("encoder_block")))
    net, shape = nn.Sequential(block, block), catalog.input_shape("encoder_block")
    graph, _ = trace(net, shape, "float32", 4, False, bare=True, ours=True)
    again, _ = trace(net, shape, "float32", 4, False, bare=True, ours=True)
    assert replayed == ["0"]
    assert [c.label for c in again.calls] == [c.label for c in graph.calls]
    assert again.params == graph.params == sum(n.params for n in again.nodes)


def test_threads_share_it() -> None:
    with without_memo():
        expected = written(analyse("seresnet18"))
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.extend(written(analyse("seresnet18")) for _ in range(3))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each == expected for each in found)
    assert len(found) == 12
