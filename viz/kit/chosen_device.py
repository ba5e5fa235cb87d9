"""The device that a session chose on the Devices page, and what is estimated there of the networks of any page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import tr
from blocks.latency.devices.asked import AskedDevice, device_slugs, device_text, device_times, read_device
from blocks.latency.devices.estimator import DeviceEstimate, is_timed
from blocks.latency.devices.features import fused_work
from blocks.latency.devices.words import in_ms, run_words
from blocks.trace.errors import TraceError
from viz.kit.choice import Choice, analysed
from viz.kit.markdown import plain_markdown
from viz.kit.widget_state import held_index

_CHOSEN = "devices.chosen"


def estimate_there(asked: AskedDevice, choice: Choice) -> DeviceEstimate:
    """One picture through the network of a page, whatever its batch, type and mode. Raises KnobError or TraceError."""
    as_is = choice.batch == 1 and choice.dtype == "float32" and not choice.training
    work = fused_work(analysed(choice)) if as_is else None  # a page has traced it already
    return device_times(asked).estimate(choice.name, choice.knobs, choice.side, work)


def choose_device(asked: AskedDevice) -> None:
    """From now on other pages of this session estimate on ``asked``, whose model is prepared."""
    st.session_state[_CHOSEN] = asked


def chosen_device() -> AskedDevice | None:
    """The device that this session chose; None before that."""
    found: AskedDevice | None = st.session_state.get(_CHOSEN)
    return found


def estimates_elsewhere(choices: Sequence[Choice]) -> list[DeviceEstimate | None]:
    """What is estimated of each network on the chosen device; None where there is no such estimate, as for blocks, or no device."""
    asked = chosen_device()
    return [None if asked is None or not is_estimated(choice) else _tried(asked, choice) for choice in choices]


def is_estimated(choice: Choice) -> bool:
    """Whether the model of times is one for this network."""
    return is_timed(choice.name)


def _tried(asked: AskedDevice, choice: Choice) -> DeviceEstimate | None:
    try:
        return estimate_there(asked, choice)
    except (KnobError, TraceError):
        return None


def estimate_words(found: DeviceEstimate) -> tuple[str, str]:
    """An estimate as it is shown everywhere, and its interval: "≈ 46.2 ms", "90 %: 42.6 – 50.2 ms"."""
    return f"≈ {in_ms(found.ms, 3)} ms", estimate_interval(found.low, found.high)


def estimate_interval(low: float, high: float) -> str:
    """The interval of an estimate, of milliseconds."""
    return tr("90 %: {low} – {high} ms", low=in_ms(low, 3), high=in_ms(high, 3))


def known_words(found: DeviceEstimate) -> str:
    """What is published, or was timed, of exactly this network there; "" where it is only estimated."""
    if found.basis == "estimated":
        return ""
    return tr("{time} ms, published", time=in_ms(found.ms)) if found.basis == "published" else tr("{time} ms, timed by you", time=in_ms(found.ms))


def pick_device(text: str, key: str, *, none: bool) -> str:
    """A select box of the session's chosen device and all published ones, with ``none`` for no device; in and out as :func:`blocks.latency.devices.asked.device_text` says it."""
    own = chosen_device()
    first = [*([""] if none else []), *([device_text(own)] if own is not None else []), *([text] if text else [])]
    options = list(dict.fromkeys([*first, *device_slugs()]))
    return st.selectbox(
        tr("Estimate time on a device"), options, held_index(key, options, text), format_func=device_words, key=key,
        help=tr("A device that is not here: the one chosen on the Devices page comes first, then all published ones. One picture in float32, by the model of docs/devices.md."),
    )  # fmt: skip


def device_words(text: str) -> str:
    """A device as a select box shows it; "none" without one."""
    if not text:
        return tr("none")
    asked = read_device(text)
    if text in device_slugs():
        return asked.title
    return " · ".join([asked.title, run_words(asked.settings), *([tr("8 bits")] if asked.precision == "int8" else [])])


def elsewhere_caption(choice: Choice) -> None:
    """A caption with the time on the chosen device, marked as what it is; nothing before one was chosen, or where it is not estimated."""
    asked, [found] = chosen_device(), estimates_elsewhere([choice])
    if asked is None or found is None:
        return
    time = known_words(found) or tr("{time} estimated, {interval}", time=estimate_words(found)[0], interval=estimate_words(found)[1])
    head = tr("On {device}, not measured here", device=plain_markdown(asked.title))
    st.caption(f"**{head}**  \n{time}", help=tr("One picture, on the device chosen on the Devices page."))
