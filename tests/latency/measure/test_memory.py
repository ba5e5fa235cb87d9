"""What a measurement will need: against closed forms, and the sentence where it is too much."""

from __future__ import annotations

import dataclasses

import pytest

from blocks import analyse, catalog
from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.memory import DoesNotFit, check_memory, needed_memory, size_in_words

VGG16 = 138_357_544  # parameters
WIDEST = 64 * 224 * 224  # elements of an activation of the first stage, the largest there is
INPUT = 3 * 224 * 224


class Small(Device):
    """A processor with this much free memory."""

    def __init__(self, free: int) -> None:
        super().__init__("cpu")
        self.free = free

    def memory_free(self) -> int:
        return self.free


def vgg16(batch: int = 1, **changed: object) -> Experiment:
    return dataclasses.replace(Experiment("vgg16", input_shape=(batch, 3, 224, 224)), **changed)  # type: ignore[arg-type]


def test_vgg16_needs_its_weights_once_and_two_activations() -> None:
    assert needed_memory(vgg16()) == 4 * (VGG16 + INPUT + 2 * WIDEST)  # 580 MB


@pytest.mark.parametrize(("dtype", "itemsize"), [("bfloat16", 2), ("float16", 2), ("tf32", 4), ("autocast", 4)])
def test_the_dtype_and_the_batch_scale_it(dtype: str, itemsize: int) -> None:
    # Two of the widest at a convolution; or at the first pooling the widest, a quarter of it, and where each maximum was in 8 bytes.
    activations = max(itemsize * (INPUT + 2 * WIDEST), itemsize * (INPUT + WIDEST + WIDEST // 4) + 8 * WIDEST // 4)
    assert needed_memory(vgg16(3, dtype=dtype)) == itemsize * VGG16 + 3 * activations


def test_gradients_take_the_weights_a_second_time() -> None:
    forward, both = needed_memory(vgg16()), needed_memory(vgg16(mode="forward_backward"))
    assert forward is not None
    assert both is not None
    assert both > forward + 4 * VGG16


def test_running_statistics_count_but_have_no_gradient() -> None:
    net = analyse("resnet18", (1, 3, 64, 64))
    statistics = sum(b.nbytes for b in catalog.build("resnet18").buffers())
    assert statistics == 4 * 9600 + 8 * 20  # mean and variance of 4800 channels, 20 counters
    assert needed_memory(Experiment("resnet18", input_shape=(1, 3, 64, 64))) == 4 * net.params + statistics + net.peak_memory


def test_a_backward_pass_needs_what_a_training_step_does() -> None:
    step = analyse("resnet18", (2, 3, 64, 64), training=True).training_memory("sgd")
    assert needed_memory(Experiment("resnet18", input_shape=(2, 3, 64, 64), mode="forward_backward")) == step.peak


def test_what_does_not_fit_is_refused_with_a_batch_that_would() -> None:
    need = needed_memory(vgg16(8))
    assert need is not None
    assert check_memory(vgg16(8), Small(need)) == need
    with pytest.raises(DoesNotFit, match=rf"a batch of 8 needs about {size_in_words(need)}, and .* may be used on cpu. A batch of about 4 would fit."):
        check_memory(vgg16(8), Small(need // 2 + 1))
    with pytest.raises(DoesNotFit, match="a batch of 1 needs"):
        check_memory(vgg16(), Small(2**40), allowed=1000)


def test_a_network_that_cannot_be_traced_is_not_refused() -> None:
    assert needed_memory(Experiment("nowhere.py:Net", input_shape=(1, 3))) is None
    assert check_memory(Experiment("nowhere.py:Net", input_shape=(1, 3)), Small(1)) is None


def test_a_size_in_words() -> None:
    assert (size_in_words(1_234_567_890), size_in_words(2_500_000)) == ("1.23 GB", "2.5 MB")
