"""Targets: how a lecture's text names a network with its knobs, and what it stands for while knobs turn.

``resnet50``, ``bottleneck c_in=256 se_ratio=16``, ``resnet50 side=160 batch=8 as "small input"``; a ``!`` after the name
means as written, whatever the step's knobs are turned to.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from blocks import catalog
from blocks.analysis import Analysis
from blocks.knobs import KnobError, unknown_knob
from viz.kit.choice import Choice, analysed, read_choice, write_choice

#: Knob values by network name, as this step's widgets have them.
Turned = Mapping[str, Mapping[str, Any]]
_INPUT = ("side", "batch", "dtype", "mode")
_NAME = re.compile(r"^[a-z][a-z0-9_]*!?$")


@dataclass(frozen=True, slots=True)
class Target:
    """A network, its knobs and input, a name to show ("" for its own), and whether it follows the step's knobs."""

    choice: Choice
    label: str = ""
    follows: bool = True

    def at(self, turned: Turned) -> Choice:
        """The choice while the step's knobs are ``turned``; knobs that the text itself names stay as named."""
        values = turned.get(self.choice.name, {}) if self.follows else {}
        sizes = {k: values[k] for k in ("side", "batch") if k in values and k not in write_choice(self.choice)}
        known = {k.name: k.default for k in catalog.knobs(self.choice.name)}
        knobs = {k: v for k, v in values.items() if k in known and k not in self.choice.knobs and v != known[k]}
        return replace(self.choice, knobs={**knobs, **self.choice.knobs}, **sizes)

    def analysis(self, turned: Turned, symbolic: bool = False) -> Analysis:
        """The analysis of :meth:`at`. Raises KnobError or TraceError."""
        return analysed(self.at(turned), symbolic)

    @property
    def title(self) -> str:
        """What a table or a legend calls it: its label, or a block's title, or a model's name."""
        entry = catalog.entry(self.choice.name)
        return self.label or (entry.title if entry.kind == "block" else entry.name)


def target(text: str) -> Target:
    """The target that ``text`` names. Raises :class:`KnobError` for a name, knob or value that does not exist."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise KnobError("target", text, "has a quotation mark that is not closed") from None
    if not words:
        raise KnobError("target", text, "names no network", ["resnet50"])
    label = ""
    if len(words) >= 3 and words[-2] == "as":
        label, words = words[-1], words[:-2]
    name = words[0]
    if not _NAME.match(name):
        raise KnobError("target", text, "must begin with a name of the catalog", ["resnet50"])
    params = {"net": name.removesuffix("!")}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            raise KnobError("target", word, 'after the name come knobs as knob=value, and then as "label"')
        params[key] = value
    return Target(choice(params), label, not name.endswith("!"))


def choice(params: Mapping[str, str]) -> Choice:
    """The choice of URL-like parameters. Raises :class:`KnobError` for the first that cannot be used."""
    catalog.entry(params["net"])
    known = [k.name for k in catalog.knobs(params["net"])]
    for key, value in params.items():
        if key != "net" and key not in known and key not in _INPUT:
            raise unknown_knob(params["net"], key, value, known)
    made, problems = read_choice(params)
    if problems:
        key = problems[0].split(" = ")[0]
        raise KnobError(key, params.get(key), problems[0].partition(": ")[2] or problems[0])
    # What the text names stays as named, even where it equals the preset's own value.
    named = {k.name: k.parse(params[k.name]) for k in catalog.knobs(params["net"]) if k.name in params}
    return replace(made, knobs=named)


def targets(text: str) -> list[Target]:
    """Several targets, separated by semicolons."""
    return [target(part) for part in text.split(";") if part.strip()]


def of_options(options: Mapping[str, str]) -> Target:
    """The target of a view that gives its knobs as options: ``name: bottleneck``, ``c_in: 256``."""
    found = target(options["name"])
    names = {k.name for k in catalog.knobs(found.choice.name)} | set(_INPUT)
    extra = {k: v for k, v in options.items() if k in names}
    if not extra:
        return found
    return replace(found, choice=choice({"net": found.choice.name, **write_choice(found.choice), **extra}))
