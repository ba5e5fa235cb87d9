"""Build and analysis against plain meta construction with FlopCounterMode, and against torchinfo: ratios of one run.

``total`` is from the name to the figures, with no part kept from an earlier building; ``again`` is the same when parts are kept, as
after a knob was turned; ``trace`` is from a built network to the figures. Aim: 8 times faster than torchinfo in total, 25 times in
the trace. Ours gives parameters, MACs, FLOPs, bytes moved and peak memory; FlopCounterMode gives FLOPs alone.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

import torch
import torchinfo
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from blocks import Analysis, analyse, catalog
from blocks.trace import memo
from scripts.rounds import interleaved, quartiles_text, ratio, seconds

MODELS = ("resnet50", "mobilenet_v3_large", "vit_b_16")
_AIM = {"total": 8, "again": 8, "trace": 25}


def largest() -> str:
    """The preset with the most parameters."""
    return max(catalog.names(kind="model"), key=lambda name: analyse(name).params)


def plain_meta(name: str) -> nn.Module:
    """The network as anyone would build it on the meta device: parameters initialised, nothing allocated."""
    with torch.device("meta"):
        return catalog.build(name).eval()


def _figures(a: Analysis) -> tuple[int, ...]:
    """Every headline figure, so that nothing is left for later."""
    return a.params, a.macs, a.flops, a.bytes_moved, a.peak_memory


def _counted(net: nn.Module, shape: tuple[int, ...]) -> int:
    """FLOPs by torch's own counter."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.empty(shape, device="meta"))
    return counter.get_total_flops()


def summarised(net: nn.Module, shape: tuple[int, ...]) -> object:
    """torchinfo's summary of a network on the meta device."""
    return torchinfo.summary(net, input_data=torch.empty(shape, device="meta"), device="meta", verbose=0)


def from_nothing(name: str) -> float:
    """Seconds of building and analysis where nothing is kept from before."""
    memo.forget()
    return seconds(lambda: _figures(analyse(name)))


def contenders(name: str) -> dict[str, dict[str, Callable[[], float]]]:
    """What races, for each of the three questions."""
    shape = catalog.input_shape(name)
    net = plain_meta(name)
    if 2 * analyse(name).macs != _counted(net, shape):
        raise RuntimeError(f"{name}: the counts differ, so the times would mean nothing")
    others: dict[str, Callable[[], float]] = {
        "FlopCounterMode": lambda: seconds(lambda: _counted(plain_meta(name), shape)),
        "torchinfo": lambda: seconds(lambda: summarised(plain_meta(name), shape)),
    }
    return {
        "total": {"ours": lambda: from_nothing(name), **others},
        "again": {"ours": lambda: seconds(lambda: _figures(analyse(name))), **others},
        "trace": {
            "ours": lambda: seconds(lambda: _figures(analyse(net, shape))),
            "FlopCounterMode": lambda: seconds(lambda: _counted(net, shape)),
            "torchinfo": lambda: seconds(lambda: summarised(net, shape)),
        },
    }


def main() -> None:
    """Print one line a network and question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(f"medians of {rounds} interleaved rounds, ratios with quartiles; torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"{'network':24} {'part':6} {'ours':>9}   {'FlopCounterMode / ours':24} {'torchinfo / ours':24} aim")
    for name in (*MODELS, largest()):
        for part, racing in contenders(name).items():
            taken = interleaved(racing, rounds)
            against = [quartiles_text(ratio(taken[other], taken["ours"])) for other in ("FlopCounterMode", "torchinfo")]
            print(f"{name:24} {part:6} {statistics.median(taken['ours']) * 1e3:6.1f} ms   {against[0]:24} {against[1]:24} {_AIM[part]}", flush=True)


if __name__ == "__main__":
    main()
