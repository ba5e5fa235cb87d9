"""The next value of a turned knob, analysed before it is asked for: users usually keep turning a knob in the same direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from blocks import catalog
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from viz.explore.formulas import model_formulas_text
from viz.explore.view_settings import current_view
from viz.graph.fold import TooManyBoxes, fold_of
from viz.kit.choice import MAX_BATCH, MAX_SIDE, Choice, analysed, turned
from viz.kit.session import alone

#: What figures and graph read of an analysis, each computed when it is first asked for.
_READ = ("macs", "flops", "bytes_moved", "peak_memory", "receptive_fields")


def prefetch(past: Sequence[Choice], now: Choice) -> None:
    """Analyse the choice that probably follows ``now``; nothing where that cannot be told. The page calls it last, when everything is sent. ``past`` are the choices
    before a turn that has just been made, the newest last.

    Safe to run then: no measurement of this session is in progress in the run after a turned knob. While other users turn knobs it is left out:
    their turns would wait for it.
    """
    likely = continued(past, now) if alone() else None
    if likely is not None:
        prepare(likely)


def continued(past: Sequence[Choice], now: Choice) -> Choice | None:
    """The choice that follows where the last two turns were equal steps of one number. After a single step it is open where users go, and a value prepared in vain costs a turn."""
    if len(past) < 2 or following(past[-2], past[-1]) != now:
        return None
    return following(past[-1], now)


def following(before: Choice, now: Choice) -> Choice | None:
    """The choice as far beyond ``now`` as that is beyond ``before``; None where not one number turned, or it can turn no further."""
    knobs = turned(before, now)
    if before == replace(now, knobs=before.knobs) and len(knobs) == 1:
        return _knob_on(before, now, knobs[0])
    for name, most in (("side", MAX_SIDE), ("batch", MAX_BATCH)):
        old, new = getattr(before, name), getattr(now, name)
        if old != new and old is not None and new is not None and before == replace(now, **{name: old}):
            on = 2 * new - old
            return replace(now, **{name: on}) if 1 <= on <= most else None
    return None


def _knob_on(before: Choice, now: Choice, name: str) -> Choice | None:
    knob = next(k for k in catalog.knobs(now.name) if k.name == name)
    if knob.kind not in ("int", "float"):
        return None
    settings: tuple[object, Any] = tuple(catalog.settings(now.name, **choice.knobs)[name] for choice in (before, now))
    on = round(2 * settings[1] - settings[0], 9)
    try:
        knob.check(on)
    except KnobError:
        return None
    others = {k: v for k, v in now.knobs.items() if k != name}
    return replace(now, knobs=others if on == knob.default else {**others, name: on})


def prepare(choice: Choice) -> None:
    """Analyse ``choice``, fold its graph and write its formulas; all of it is kept. What cannot be analysed is said when it is asked for."""
    try:
        analysis = analysed(choice)
        fold_of(analysis.graph)
        for reading in _READ:
            getattr(analysis, reading)
        if catalog.entry(choice.name).kind == "block":
            analysed(choice, symbolic=True)
        else:
            model_formulas_text(choice, current_view()["count"])
    except (KnobError, TraceError, TooManyBoxes):
        return
