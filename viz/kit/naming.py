"""What a download says of itself: the networks with their turned knobs, and the day, in its name and on the picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from blocks.language import speaking, tr
from viz.kit.choice import Choice
from viz.kit.setting import setting_title

#: What a download shows: a network, several, or words where it is of none in particular.
Of = Choice | str | Sequence[Choice | str]

_MOST_OF, _MOST_WHAT = 80, 60  # characters in a file's name; file systems end at 255 bytes


def of_title(of: Of) -> str:
    """The networks as one says them: "resnet50, groups 32", "resnet18 and vgg16", "resnet50 and 4 more"."""
    if isinstance(of, str):
        return of
    if isinstance(of, Choice):
        return ", ".join([setting_title(of), *_input_words(of)])
    titles = list(dict.fromkeys(map(of_title, of)))
    if len(titles) == 2:
        return tr("{first} and {second}", first=titles[0], second=titles[1])
    return tr("{first} and {n} more", first=titles[0], n=len(titles) - 1) if len(titles) > 2 else "".join(titles)


def _input_words(choice: Choice) -> list[str]:
    """What of the input is not as usual; its size belongs to the setting."""
    batch = [tr("batch {n}", n=choice.batch)] if choice.batch != 1 else []
    dtype = [choice.dtype] if choice.dtype != "float32" else []
    return [*batch, *dtype, *([tr("training")] if choice.training else [])]


def today() -> str:
    """The day (UTC), as ISO 8601 writes it."""
    return datetime.now(UTC).date().isoformat()


def dated(of: Of) -> str:
    """The line on a saved picture: "resnet50, groups 32 · 2026-11-28"."""
    return " · ".join(filter(None, [of_title(of), today()]))


def file_stem(of: Of, what: str = "") -> str:
    """A download's file name without its ending, such as "resnet50_groups_32-layers-2026-11-28": in English, whose letters every system accepts."""
    with speaking("en"):
        named = file_name(of_title(of))[:_MOST_OF]
    return "-".join(filter(None, [named, file_name(what)[:_MOST_WHAT] if what else "", today()]))


def file_name(of: str) -> str:
    """A network's name as a file name that every system accepts."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", of).strip("._") or "network"
