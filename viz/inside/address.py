"""The Inside page's state and its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from blocks.knobs import KnobError
from blocks.language import tr, translatable
from blocks.look.maps import ORDERS
from blocks.look.samples import sample_names
from blocks.look.seen_network import WHOLE
from blocks.look.swaps import EVERY, SWAPS
from blocks.look.what_if import NUMBER_TYPES, WhatIf, plain_what_if
from blocks.look.why import WAYS
from viz.inside.weights import OWN_PICTURE, default_weights, known_weights
from viz.kit.address import Address, Query
from viz.kit.choice import Choice, read_choice, write_choice
from viz.kit.network_picker import show_network
from viz.kit.parameters import one_of, whole_number

_START = "efficientnet_lite0"
#: What can lie over the picture, by its name in the address.
PICTURE_OVERLAYS = {
    "": translatable("Nothing"),
    "grad_cam": translatable("Grad-CAM"),
    "gradient": translatable("Gradient"),
    "integrated": translatable("Integrated gradients"),
    "occlusion": translatable("Occlusion"),
}
#: How the bars of gates are sorted; by difference where there is a second picture.
BAR_ORDERS = ("channel", "size", "difference")
MOST_OFF = 64  # channels that can be switched off
_LARGEST = 10**6
_OWN = ("weights", "picture", "at", "ch", "px", "by", "why", "off", "if", "q", "vs", "bars")
MOST_BLUR, MOST_SHIFT, MOST_LIGHT, MOST_PRUNED = 20, 100, 300, 99
_WHOLE_NUMBERS = {"pruned": (0, MOST_PRUNED), "blur": (0, MOST_BLUR), "shift": (0, MOST_SHIFT), "light": (0, MOST_LIGHT)}
_NOTHING = WhatIf()
_SWAP = "act"  # for an activation that is replaced; the operation's number follows, none for all
_ALL = "all"  # for a channel that is switched off: the whole operation

assert set(PICTURE_OVERLAYS) == {"", *WAYS}


@dataclass(frozen=True)
class InsideState:
    """``node`` is the operation that is open, -1 for the first convolution; ``pixel`` the (row, column) of ``channel`` whose number is explained.

    ``weights`` is "" for random ones. ``off`` holds what is switched off, as (operation, channel), with :data:`blocks.look.seen_network.WHOLE` for all channels;
    ``what`` what else is changed. ``query`` is the (row, column) of the patch whose attention is shown, None for the class token.
    ``beside`` is a second picture whose gates are compared, "" for none; ``bars`` the order of :data:`BAR_ORDERS`.
    """

    choice: Choice
    weights: str = ""
    picture: str = "cat"
    node: int = -1
    channel: int = 0
    pixel: tuple[int, int] | None = None
    order: str = "channel"
    overlay: str = ""
    off: tuple[tuple[int, int], ...] = ()
    what: WhatIf = _NOTHING
    query: tuple[int, int] | None = None
    beside: str = ""
    bars: str = "channel"


def state_of(choice: Choice) -> InsideState:
    """The page as it opens on a network: trained where weights come with a package."""
    return InsideState(replace(choice, batch=1, dtype="float32", training=False), default_weights(choice.name))


def read_inside(params: Mapping[str, str]) -> tuple[InsideState, list[str]]:
    """The page's state from a URL, and a sentence for each part that could not be used."""
    choice, problems = read_choice({"net": _START} | {k: v for k, v in params.items() if k not in _OWN})
    state = state_of(choice)
    for key, text in params.items():
        if key in _OWN:
            try:
                state = _with(state, key, text)
            except KnobError as error:
                problems.append(str(error))
    return state, problems


def _with(state: InsideState, key: str, text: str) -> InsideState:
    if key == "weights":
        return replace(state, weights="" if text == "random" else one_of(key, text, ["random", *known_weights(state.choice.name)]))
    if key == "picture":
        return replace(state, picture=one_of(key, text, [*sample_names(), OWN_PICTURE]))
    if key == "at":
        return replace(state, node=whole_number(key, text, 0, _LARGEST))
    if key == "ch":
        return replace(state, channel=whole_number(key, text, 0, _LARGEST))
    if key == "px":
        row, column = _pair(key, text)
        return replace(state, pixel=(row, column))
    if key == "q":
        return replace(state, query=_pair(key, text))
    if key == "vs":
        return replace(state, beside=one_of(key, text, [*sample_names(), OWN_PICTURE]))
    if key == "bars":
        return replace(state, bars=one_of(key, text, list(BAR_ORDERS)))
    if key == "off":
        return replace(state, off=tuple(sorted({_off(part) for part in text.split("_")[:MOST_OFF]})))
    if key == "if":
        return replace(state, what=_what(text))
    if key == "by":
        return replace(state, order=one_of(key, text, list(ORDERS)))
    return replace(state, overlay=one_of(key, text, list(WAYS)))


def _pair(key: str, text: str) -> tuple[int, int]:
    parts = text.split(".")
    if len(parts) != 2:
        raise KnobError(key, text, tr("must be two whole numbers with a point between them, such as 4.7"), ["4.7"])
    return whole_number(key, parts[0], 0, _LARGEST), whole_number(key, parts[1], 0, _LARGEST)


def _off(text: str) -> tuple[int, int]:
    node, _, channel = text.partition(".")
    return (whole_number("off", node, 0, _LARGEST), WHOLE) if channel == _ALL else _pair("off", text)


def _what(text: str) -> WhatIf:
    """What is changed, from ``weights:int8,pruned:30``."""
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = part.partition(":")
        if name in _WHOLE_NUMBERS:
            found[name] = whole_number(f"if={name}", value, *_WHOLE_NUMBERS[name])
        elif name in ("weights", "activations"):
            found[name] = one_of(f"if={name}", value, NUMBER_TYPES[1:])
        elif name.startswith(_SWAP):
            found["swapped"] = _with_swap(found.get("swapped", ()), name.removeprefix(_SWAP), one_of(f"if={name}", value, list(SWAPS)))
        elif name == "scale":
            found["per_channel"] = one_of(f"if={name}", value, ["channel", "tensor"]) == "channel"
        else:
            raise KnobError("if", name, tr("must be one of {names}", names=", ".join(("weights", "activations", "scale", _SWAP, *_WHOLE_NUMBERS))), ["weights"])
    return WhatIf(**found)


def _with_swap(swapped: tuple[tuple[int, str], ...], node: str, name: str) -> tuple[tuple[int, str], ...]:
    """``act:silu`` is for every activation, ``act14:silu`` for operation 14."""
    at = whole_number(f"if={_SWAP}", node, 0, _LARGEST) if node else EVERY
    return with_activation(swapped, at, name)


def with_activation(swapped: tuple[tuple[int, str], ...], node: int, name: str) -> tuple[tuple[int, str], ...]:
    """``swapped`` with the activation ``name`` at ``node``, its own where that is ""; at most :data:`MOST_OFF`."""
    kept = {at: now for at, now in swapped if at != node} | ({node: name} if name else {})
    return tuple(sorted(kept.items())[:MOST_OFF])


def _what_text(what: WhatIf) -> str:
    changed = plain_what_if(what)
    for node, name in changed.pop("swapped", ()):
        changed[_SWAP if node == EVERY else f"{_SWAP}{node}"] = name
    if "per_channel" in changed:
        changed["scale"] = "tensor"
        del changed["per_channel"]
    return ",".join(f"{name}:{value}" for name, value in changed.items())


def write_inside(state: InsideState) -> dict[str, str]:
    """The URL of a state; what is as the page opens is left out."""
    params = write_choice(state.choice)
    if params == {"net": _START}:
        params = {}
    plain = state_of(state.choice)
    if state.weights != plain.weights:
        params["weights"] = state.weights or "random"
    for key, value, usual in (
        ("picture", state.picture, plain.picture),
        ("by", state.order, plain.order),
        ("why", state.overlay, plain.overlay),
        ("vs", state.beside, plain.beside),
        ("bars", state.bars, plain.bars),
    ):
        if value != usual:
            params[key] = value
    if state.node >= 0:
        params["at"] = str(state.node)
    if state.channel:
        params["ch"] = str(state.channel)
    if state.pixel is not None:
        params["px"] = f"{state.pixel[0]}.{state.pixel[1]}"
    if state.query is not None:
        params["q"] = f"{state.query[0]}.{state.query[1]}"
    if state.off:
        params["off"] = "_".join(f"{node}.{_ALL if channel == WHOLE else channel}" for node, channel in state.off)
    if text := _what_text(state.what):
        params["if"] = text
    return params


def _read(query: Query) -> tuple[InsideState, list[str]]:
    return read_inside(dict(query))


def _write(state: InsideState) -> Query:
    return tuple(write_inside(state).items())


def with_network(state: InsideState, choice: Choice) -> InsideState:
    """``state`` on another network or other knobs: what is open belongs to the operations of the one before, and is left where those are others."""
    if choice == state.choice:
        return state
    same = choice.name == state.choice.name
    return replace(
        state_of(choice),
        picture=state.picture,
        order=state.order,
        overlay=state.overlay,
        what=replace(state.what, swapped=tuple(one for one in state.what.swapped if one[0] == EVERY)),
        beside=state.beside,
        bars=state.bars,
        weights=state.weights if same else default_weights(choice.name),
    )


INSIDE = Address(
    "pages/inside.py",
    _read,
    _write,
    lambda state, _: show_network(state.choice.name, "inside."),
    network=lambda state: state.choice,
    follow=with_network,
    begin=state_of,
)
