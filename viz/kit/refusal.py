"""What a page says of a choice that cannot be analysed."""

from __future__ import annotations

from dataclasses import replace

from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from viz.kit.choice import MAX_SIDE, Choice, analysed, free_places


def refusal_sentence(error: KnobError | TraceError, choice: Choice) -> str:
    """What a page says about a choice that cannot be analysed, with the smallest input that would work where that is what is wrong."""
    if isinstance(error, KnobError):
        return str(error)
    smallest = smallest_side(choice)
    hint = f" The smallest resolution that works is {smallest}." if smallest else ""
    return f"{error}{'.' if not str(error).endswith('.') else ''}{hint}"


def smallest_side(choice: Choice) -> int | None:
    """The smallest input that this network runs on, found by halving; None where a larger one does not help either."""

    def runs(side: int) -> bool:
        try:
            analysed(replace(choice, side=side))
        except (KnobError, TraceError):
            return False
        return True

    low = choice.shape[free_places(choice.name)[0]] if free_places(choice.name) else 0
    high = next((s for s in (low * 2, low * 4, low * 16, 512) if low < s <= MAX_SIDE and runs(s)), None)
    if high is None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if runs(middle) else (middle, high)
    return high
