"""The Inside page's questions against the network's own forward pass: ratios of one run, in one process, without the page's turn.

A what-if (a channel switched off: the answer and every thumbnail) shall take at most twice the forward pass of MobileNetV2 at 224 x 224.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from blocks.experiments.pictures import png
from blocks.look.handler import LookingHandler
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork
from blocks.workers.control import JobControl
from scripts.rounds import interleaved, quartiles_text, ratio, seconds

NETWORK, SIDE = "mobilenet_v2", 224
_AIM = 2.0


def questions(network: str = NETWORK, side: int = SIDE) -> dict[str, dict[str, Any]]:
    """What the page asks of the looking process, by kind."""
    picture = base64.b64encode(png(sample_pixels("cat", side))).decode()
    base = {"network": network, "knobs": {}, "shape": [3, side, side], "weights": "", "picture": picture, "off": {}}
    return {
        "run": {**base, "most": 5},
        "node": {**base, "node": 4, "channel": 3, "order": "strength"},
        "number": {**base, "node": 4, "channel": 3, "row": 2, "column": 5},
    }


def main(rounds: int = 20) -> None:
    """Print the ratios."""
    control, handler, asked, seen = JobControl(lambda _: None, lambda: False), LookingHandler(), questions(), SeenNetwork(NETWORK, {})
    inputs = seen.input_of(base64.b64decode(asked["run"]["picture"]))
    channels = itertools.cycle(range(32))

    def forward() -> None:
        with torch.no_grad():
            seen.network(inputs)

    def what_if() -> None:
        handler.run("run", {**asked["run"], "off": {"4": [next(channels)]}}, control)

    timed: dict[str, Callable[[], object]] = {
        "forward": forward,
        "what-if": what_if,
        **{kind: _ask(handler, kind, asked[kind], control) for kind in ("node", "number")},
    }
    times = interleaved({name: partial(seconds, work) for name, work in timed.items()}, rounds)
    for name in ("what-if", "node", "number"):
        aim = f"  (aim: at most {_AIM:g})" if name == "what-if" else ""
        print(f"{name:>8}: {quartiles_text(ratio(times[name], times['forward']))} x forward{aim}")


def _ask(handler: LookingHandler, kind: str, payload: dict[str, Any], control: JobControl) -> Callable[[], object]:
    return lambda: handler.run(kind, payload, control)


if __name__ == "__main__":
    main()
