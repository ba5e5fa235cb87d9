"""A network's name with the knobs that were turned: "resnet50, groups 32". Titles and file names have it, so that no figure passes for the published network's."""

from __future__ import annotations

from blocks import catalog
from blocks.knobs import Knob, brief
from blocks.language import tr
from viz.kit.choice import Choice, free_places
from viz.kit.knob_widgets import main_first

_MOST = 3  # settings in a title; a link has all of them


def setting_title(choice: Choice, title: str = "", most: int = _MOST) -> str:
    """``title``, or the catalog's name, and what is not as published: its first ``most`` settings and how many more there are."""
    words = setting_words(choice)
    more = [tr("{n} more", n=len(words) - most)] if len(words) > most else []
    return ", ".join([title or choice.name, *words[:most], *more])


def setting_words(choice: Choice) -> list[str]:
    """Each knob that is not as published, in the order in which Explore shows them, and the input's size where it is not, such as "groups 32" and "192 px"."""
    main, others = main_first(catalog.knobs(choice.name))
    said = [knob_words(knob, choice.knobs[knob.name]) for knob in (*main, *others) if knob.name in choice.knobs]
    if choice.side is not None:
        said.append(f"{choice.side} {'px' if len(free_places(choice.name)) == 2 else tr('tokens')}")
    return said


def knob_words(knob: Knob, value: object) -> str:
    """A knob at a value, as one says it: "SE ratio 16", "pre-activation on"."""
    label = tr(knob.label).removesuffix(f" {knob.symbol}")
    if label[1:2].islower() or not label[1:]:
        label = label[:1].lower() + label[1:]
    if isinstance(value, bool):
        return f"{label} {tr('on') if value else tr('off')}"
    return f"{label} {brief(f'{value:g}' if isinstance(value, float) else knob.text(value))}"
