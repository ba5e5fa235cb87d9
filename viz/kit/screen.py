"""What every view of a step is drawn with: the turned knobs, the place it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

#: The share of a presentation's window that a picture may take.
PICTURE = 0.7
#: The share that a graph or a chart gets that stands alone beside the text.
LONE_PICTURE = 0.76


@dataclass(frozen=True, slots=True)
class Screen:
    """``key`` is the step's own prefix for widgets; ``lit`` the knobs that are not as they started; ``height`` the pixels that a picture may take; ``still`` draws for paper:
    nothing to press, everything unfolded. ``runs`` is whether experiments start when their step opens: there is a browser that waits for them. ``fills`` is of a picture
    that gets all of ``height``, whatever its fence says."""

    key: str
    turned: dict[str, dict[str, object]] = field(default_factory=dict)
    lit: frozenset[str] = frozenset()
    height: int = 420
    large: bool = False
    still: bool = False
    runs: bool = False
    fills: bool = False

    def place(self, kind: str, options: Mapping[str, str]) -> str:
        """The key of a view: two of one kind in a step differ in what their fences say."""
        said = "\n".join(f"{k}: {v}" for k, v in sorted(options.items()))
        return f"{self.key}.{kind}.{crc32(said.encode()):08x}"

    def pixels(self, options: Mapping[str, str]) -> int:
        """The height of a view: what its fence says, for a window of 720 pixels, in the window that there is; else the step's."""
        if "height" not in options or self.fills:
            return self.height
        return round(int(options["height"]) * self.height / (720 * PICTURE)) if self.large else int(options["height"])

    @property
    def ink(self) -> int:
        """Type size of charts, in pixels."""
        return max(14, round(self.height / 26)) if self.large else 14
