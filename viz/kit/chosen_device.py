"""The device that a session chose on the Devices page, and what is estimated there of the networks of any page."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.latency.devices.estimator import DeviceEstimate, DeviceTimes
from blocks.latency.devices.features import fused_work
from blocks.latency.devices.prediction import known_device, probed_device
from blocks.trace.errors import TraceError
from viz.kit.choice import Choice, analysed
from viz.kit.markdown import plain_markdown

#: The settings of a run as they were chosen, in the table's order.
RunSettings = tuple[tuple[str, str], ...]
_CHOSEN = "devices.chosen"


@dataclass(frozen=True)
class AskedDevice:
    """Which device is meant: one of the tables, or one of which ``probes`` were timed, by network in milliseconds."""

    table: str
    device: str
    settings: RunSettings
    precision: str
    probes: tuple[tuple[str, float], ...] = ()

    @property
    def probe_words(self) -> str:
        """Its probes in a line."""
        return ", ".join(f"{name} {in_ms(ms)} ms" for name, ms in self.probes)

    @property
    def title(self) -> str:
        """Its name; of one that is in no table its probes."""
        return self.device or tr("a device known by {probes}", probes=self.probe_words)


@functools.lru_cache(maxsize=64)
def device_times(asked: AskedDevice) -> DeviceTimes:
    """The device as the model sees it. Raises KnobError for probes that fit no device."""
    if asked.probes:
        return probed_device(dict(asked.probes), dict(asked.settings), precision=asked.precision, table=asked.table)
    return known_device(asked.device, dict(asked.settings), precision=asked.precision, table=asked.table)


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
    """Whether the model of times is one for this: for whole networks of the catalog."""
    return catalog.entry(choice.name).kind == "model" and not catalog.is_address(choice.name)


def _tried(asked: AskedDevice, choice: Choice) -> DeviceEstimate | None:
    try:
        return estimate_there(asked, choice)
    except (KnobError, TraceError):
        return None


def estimate_words(found: DeviceEstimate) -> tuple[str, str]:
    """An estimate as it is shown everywhere, and its interval: "≈ 46.2 ms", "90 %: 42.6 – 50.2 ms"."""
    return f"≈ {in_ms(found.ms, 3)} ms", tr("90 %: {low} – {high} ms", low=in_ms(found.low, 3), high=in_ms(found.high, 3))


def in_ms(time: float, digits: int = 4) -> str:
    """Milliseconds with so many digits that count, or all before the point, and no exponent."""
    return f"{time:.{digits}g}" if 1e-4 < time < 10**digits else f"{time:.0f}"


def known_words(found: DeviceEstimate) -> str:
    """What is published, or was timed, of exactly this network there; "" where it is only estimated."""
    if found.basis == "estimated":
        return ""
    return tr("{time} ms, published", time=in_ms(found.ms)) if found.basis == "published" else tr("{time} ms, timed by you", time=in_ms(found.ms))


def elsewhere_caption(choice: Choice) -> None:
    """A caption with the time on the chosen device, marked as what it is; nothing before one was chosen, or where it is not estimated."""
    asked, [found] = chosen_device(), estimates_elsewhere([choice])
    if asked is None or found is None:
        return
    time = known_words(found) or tr("{time} estimated, {interval}", time=estimate_words(found)[0], interval=estimate_words(found)[1])
    head = tr("On {device}, not measured here", device=plain_markdown(asked.title))
    st.caption(f"**{head}**  \n{time}", help=tr("One picture, on the device chosen on the Devices page."))
