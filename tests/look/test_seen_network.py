"""A network with a picture: every question that the Inside page asks, against torch itself."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks.experiments.pictures import png
from blocks.knobs import KnobError
from blocks.look.activations import activations
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork, SwitchedOff
from blocks.look.why import grad_cam, gradient_map, integrated_gradients, occlusion_map

CAT = png(sample_pixels("cat", 64))


@pytest.fixture(scope="module")
def lite() -> SeenNetwork:
    return SeenNetwork("efficientnet_lite0", {}, "lite0", (3, 64, 64))


def test_the_picture_is_on_the_scale_of_the_weights(lite: SeenNetwork) -> None:
    inputs = lite.input_of(CAT)
    assert torch.allclose(inputs[0], (sample_pixels("cat", 64) * 255).round().sub(127).div(128), atol=1e-5)
    assert lite.input_of(png(sample_pixels("cat", 200))).shape == (1, 3, 64, 64)


def test_a_block_reads_the_picture_mixed_into_its_channels() -> None:
    seen = SeenNetwork("basic_block", {})
    inputs = seen.input_of(CAT)
    assert inputs.shape == seen.shape
    assert torch.equal(inputs, seen.input_of(CAT))
    assert int(torch.linalg.matrix_rank(inputs[0].flatten(1))) == 3  # three colours, whatever the number of channels


def test_random_weights_are_the_same_each_time_and_leave_the_seed_alone() -> None:
    torch.manual_seed(5)
    before = torch.rand(1)
    torch.manual_seed(5)
    first, second = SeenNetwork("resnet18", {}), SeenNetwork("resnet18", {})
    assert torch.equal(torch.rand(1), before)
    assert all(torch.equal(a, b) for a, b in zip(first.network.state_dict().values(), second.network.state_dict().values(), strict=True))


def test_a_whole_run_sees_every_operation_and_gives_the_networks_own_output(lite: SeenNetwork) -> None:
    inputs = lite.input_of(CAT)
    run = lite.run(inputs, lambda _, given: given.clone())
    with torch.no_grad():
        assert torch.equal(run.output, lite.network(inputs))
    kinds = {n.index for n in lite.analysis.graph.nodes if n.kind not in ("input", "output")}
    assert run.notes.keys() == kinds
    other = activations(lite.analysis, lite.network, inputs, [4, 30])
    assert torch.equal(run.notes[4], other[4])
    assert torch.equal(lite.given(inputs, 30), other[30])


def test_a_channel_that_is_switched_off_is_zero_and_everything_after_follows(lite: SeenNetwork) -> None:
    inputs = lite.input_of(CAT)
    off = SwitchedOff({4: [2, 7]})
    run = lite.run(inputs, lambda _, given: given.clone(), off)
    own = lite.run(inputs, lambda _, given: given.clone())
    assert run.notes[4][:, [2, 7]].abs().max() == 0
    rest = [c for c in range(32) if c not in (2, 7)]
    assert torch.equal(run.notes[4][:, rest], own.notes[4][:, rest])
    hook = lite.network.stem.register_forward_hook(lambda _module, _args, given: given * torch.tensor([c not in (2, 7) for c in range(32)])[:, None, None])
    with torch.no_grad():
        expected = lite.network(inputs)
    hook.remove()
    assert torch.allclose(run.output, expected, atol=1e-6)
    assert not torch.allclose(run.output, own.output, atol=1e-3)


def test_a_channel_of_tokens_is_their_last_dimension() -> None:
    seen = SeenNetwork("vit_ti_16", {}, "", (3, 224, 224))
    node = next(n.index for n in seen.analysis.graph.nodes if n.kind == "norm")
    given = seen.given(seen.input_of(CAT), node, SwitchedOff({node: [5]}))
    assert given[..., 5].abs().max() == 0
    assert given[..., 4].abs().max() > 0


def test_a_chain_goes_from_activation_to_convolution_and_each_value_is_torchs(lite: SeenNetwork) -> None:
    inputs = lite.input_of(CAT)
    chain = lite.chain(inputs, 4, (0, 6, 11, 13))
    assert [found.operation for _, found in chain] == ["relu6", "batch_norm", "conv2d"]
    values = activations(lite.analysis, lite.network, inputs, [node for node, _ in chain])
    for node, found in chain:
        assert found.value == pytest.approx(float(values[node][found.position]), abs=1e-5)
    assert [found.terms[0].value for _, found in chain[:2]] == pytest.approx([chain[1][1].value, chain[2][1].value], abs=1e-4)
    assert chain[2][1].total == pytest.approx(chain[2][1].value, abs=1e-5)


def test_a_network_that_takes_no_picture_is_refused() -> None:
    with pytest.raises(KnobError, match="and not a picture"):
        SeenNetwork("encoder_block", {})


def test_a_run_that_fails_half_way_gives_what_came_before(lite: SeenNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(lite.network.classifier, "forward", fails)
    run = lite.run(lite.input_of(CAT), lambda _, given: float(given.mean()))
    assert isinstance(run.error, RuntimeError)
    assert run.output is None
    assert 4 in run.notes
    assert len(run.notes) == len(lite.analysis.graph.nodes) - 3  # input, output and the linear layer


# --- Why ---------------------------------------------------------------------------------------------


class Scorer(nn.Module):
    """Two scores whose gradients are known: the mean of the red channel's upper half, and a sum of squares."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        upper = x[:, 0, : x.shape[2] // 2].mean((1, 2))
        return torch.stack([upper, F.avg_pool2d(x, 2).square().sum((1, 2, 3))], 1)


@pytest.fixture
def scorer(lite: SeenNetwork, monkeypatch: pytest.MonkeyPatch) -> SeenNetwork:
    monkeypatch.setattr(lite, "network", Scorer())
    return lite


def test_a_gradient_lies_where_the_score_reads(scorer: SeenNetwork) -> None:
    found = gradient_map(scorer, scorer.input_of(CAT), 0)
    assert found.shape == (64, 64)
    assert torch.allclose(found[:32], torch.full((32, 64), 1 / (32 * 64)))
    assert found[32:].abs().max() == 0


def test_integrated_gradients_add_up_to_the_difference_of_the_scores(scorer: SeenNetwork) -> None:
    inputs = scorer.input_of(CAT)
    black = scorer.on_scale(torch.zeros(1, 3, 64, 64))
    for label in (0, 1):
        change = float(scorer.network(inputs)[0, label] - scorer.network(black)[0, label])
        assert float(integrated_gradients(scorer, inputs, label).sum()) == pytest.approx(change, rel=1e-4)


def test_occlusion_falls_where_the_score_reads(scorer: SeenNetwork) -> None:
    found = occlusion_map(scorer, scorer.input_of(CAT), 0)
    assert found.shape == (15, 15)
    assert found[8:].abs().max() < 1e-6  # below the half that it reads; both scores stay
    shares: list[float] = []
    occlusion_map(scorer, scorer.input_of(CAT), 1, shares.append)
    assert shares[-1] == 1.0


def test_grad_cam_weights_the_last_feature_map_by_its_mean_gradient(lite: SeenNetwork) -> None:
    inputs = lite.input_of(CAT)
    label = int(lite.scores(inputs).argmax())
    kept: dict[str, torch.Tensor] = {}
    hook = lite.network.head.register_forward_hook(lambda _module, _args, given: kept.update(map=given.detach().requires_grad_()) or kept["map"])
    score = lite.network(inputs)[0, label]
    hook.remove()
    (slope,) = torch.autograd.grad(score, kept["map"])
    expected = (slope.mean((2, 3), keepdim=True) * kept["map"]).sum(1)[0].clamp(min=0)
    assert torch.allclose(grad_cam(lite, inputs, label), expected, atol=1e-5)


def test_a_class_that_is_not_there_is_a_sentence(lite: SeenNetwork) -> None:
    with pytest.raises(KnobError, match="no such class score"):
        gradient_map(lite, lite.input_of(CAT), 1000)
