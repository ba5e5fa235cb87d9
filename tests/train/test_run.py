"""Training: it learns, is exact to the bit for a seed, goes on where it stopped, and leaves the caller's random numbers alone."""

from __future__ import annotations

import pytest
import torch

from blocks.knobs import KnobError
from blocks.train import EpochResult, Recipe, Samples, StepResult, TrainingRun, accuracy_bands, load_samples
from blocks.train.layers import LayerState, watched_layers

SMALL = {"width_mult": 0.125, "dropout": 0.1}
DIGITS = load_samples("digits")


def few(count: int = 240) -> Samples:
    return DIGITS._replace(pictures=DIGITS.pictures[:count], labels=DIGITS.labels[:count])


def run(**recipe: object) -> TrainingRun:
    return TrainingRun("resnet18", SMALL, few(), Recipe(**{"side": 16, "epochs": 2, "batch": 32, **recipe}))  # type: ignore[arg-type]


def same(a: TrainingRun, b: TrainingRun) -> bool:
    theirs = b.network.state_dict()
    return all(torch.equal(tensor, theirs[name]) for name, tensor in a.network.state_dict().items())


def test_a_small_resnet_learns_digits() -> None:
    trained = TrainingRun("resnet18", {"width_mult": 0.125}, DIGITS, Recipe(side=16, epochs=4))
    last = trained.finish()
    assert last.test_accuracy > 0.9
    assert last.test_loss < trained.results[0].test_loss / 2
    assert trained.knobs["num_classes"] == 10


def test_steps_and_passes_come_as_they_are_made() -> None:
    trained = run()
    results = list(trained)
    steps = [r for r in results if isinstance(r, StepResult)]
    passes = [r for r in results if isinstance(r, EpochResult)]
    assert [s.step for s in steps] == list(range(1, 11))  # 191 pictures of 240 to train on, five whole steps of 32, twice
    assert {s.steps for s in steps} == {10}
    assert [p.epoch for p in passes] == [0, 1]
    first = [s.loss for s in steps if s.epoch == 0]
    assert passes[0].train_loss == pytest.approx(sum(first) / len(first))


def test_a_seed_is_exact_to_the_bit_and_another_is_another_run() -> None:
    a, b, other = run(), run(), run(seed=1)
    a.finish()
    torch.manual_seed(99)
    b.finish()
    other.finish()
    assert same(a, b)
    assert a.results == b.results
    assert not same(a, other)
    bands = accuracy_bands([a.results, other.results])
    assert [band.epoch for band in bands] == [0, 1]
    assert bands[1].low <= bands[1].middle <= bands[1].high
    assert {bands[1].low, bands[1].high} == {a.results[1].test_accuracy, other.results[1].test_accuracy}


def test_the_callers_random_numbers_stay() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    next(iter(run()))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("stop", [1, 5, 6, 9])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(stop: int) -> None:
    whole = run()
    whole.finish()
    first, second = run(), run()
    for result in first:
        if isinstance(result, StepResult) and result.step == stop:
            break
    second.resume({**first.state()})
    second.finish()
    assert same(whole, second)
    assert second.results[-1] == whole.results[-1]


def test_layers_are_those_that_ran_and_their_gradients_torchs_own() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(27, 4), torch.nn.Linear(4, 5))
    network[4].weight.requires_grad_(False)
    inputs = torch.randn(7, 2, 5, 5)
    with watched_layers(network, True) as watched:
        network(inputs).square().sum().backward()
        states = watched.states()
    assert [state.path for state in states] == ["0", "3", "4"]
    assert states[0].deviation == pytest.approx(float(network[0](inputs).detach().std()), rel=1e-5)
    assert states[1].gradient_norm == pytest.approx(float(network[3].weight.grad.norm()), rel=1e-5)  # type: ignore[union-attr]
    assert states[2].gradient_norm == 0
    assert not any(module._forward_hooks for module in network.modules())
    with watched_layers(network, False) as idle:
        network(inputs)
    assert idle.states() == ()


def test_deep_plain_networks_lose_their_gradient_and_residual_ones_do_not() -> None:
    """What layers are watched for: without norm and shortcut the gradient of the first layers vanishes (He et al. 2015, section 1)."""

    def ratio(layers: tuple[LayerState, ...]) -> float:
        shares = [layer.gradient_norm / layer.weight_norm for layer in layers]
        return shares[1] / shares[-2]

    plain = TrainingRun("resnet18", {**SMALL, "norm": "none", "shortcut": "none"}, few(64), Recipe(side=16, epochs=1, batch=32, lr=0.0))
    usual = TrainingRun("resnet18", SMALL, few(64), Recipe(side=16, epochs=1, batch=32, lr=0.0))
    assert ratio(plain.finish().layers) < 0.1 * ratio(usual.finish().layers)


@pytest.mark.parametrize(
    ("name", "recipe", "said"),
    [
        ("bottleneck", {}, "has no classes to train"),
        ("inception_v3", {"side": 16}, "cannot take pictures of 16 x 16"),
        ("resnet18", {"side": 4}, "from 8 to 512"),
        ("resnet18", {"epochs": 0}, "from 1 to 1000"),
        ("resnet18", {"lr": float("nan")}, "from 0 to 10"),
        ("resnet18", {"batch": 1}, "from 2 to 4096"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(name: str, recipe: dict[str, object], said: str) -> None:
    with pytest.raises(KnobError, match=said):
        TrainingRun(name, {}, few(64), Recipe(**{"batch": 32, "epochs": 1, **recipe})).finish()  # type: ignore[arg-type]
