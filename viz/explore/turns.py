"""Undo and redo on Explore: the settings that were left, and those that were taken back."""

from __future__ import annotations

from dataclasses import dataclass

from viz.kit.choice import Choice

MOST_TURNS = 200  # settings that are remembered


@dataclass(frozen=True)
class Turns:
    """``past`` are the settings before the present one, ``future`` those that were undone, both with the nearest one last."""

    past: tuple[Choice, ...] = ()
    future: tuple[Choice, ...] = ()

    def turned(self, before: Choice) -> Turns:
        """A turn from ``before``: what was undone until then is gone."""
        return Turns((*self.past, before)[-MOST_TURNS:])

    def undone(self, now: Choice) -> tuple[Choice, Turns]:
        """The setting before ``now``, and the turns as seen from there; IndexError where there is none."""
        return self.past[-1], Turns(self.past[:-1], (*self.future, now))

    def redone(self, now: Choice) -> tuple[Choice, Turns]:
        """The setting that was undone last, and the turns as seen from there; IndexError where there is none."""
        return self.future[-1], Turns((*self.past, now), self.future[:-1])
