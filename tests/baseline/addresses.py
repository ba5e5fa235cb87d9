"""What an address opens, as plain data, read by the pages' own readers.

``python -m tests.baseline.addresses`` records it anew; do so only for a change that the CHANGELOG names.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from blocks import catalog
from blocks.trace.symbolic import plain
from viz.atlas.address import read_atlas
from viz.kit.choice import Choice, analysed, read_choice, write_choice
from viz.kit.language import language_refused
from viz.kit.links import Variant, compare_link, read_variants
from viz.latency import settings
from viz.lectures.address import read_position
from viz.scaling.address import read_scaling, write_scaling
from viz.space.address import read_design, write_design

DATA = Path(__file__).resolve().parents[1] / "data" / "baseline" / "addresses.json"


def opens(address: str) -> dict[str, Any]:
    """The page's choice and settings behind ``address``: the address that stands for them, and how many parts were refused."""
    parts = urlsplit(address)
    params = parse_qs(parts.query, keep_blank_values=True)
    page = parts.path.strip("/")
    return READERS[page]({name: values[-1] for name, values in params.items()}, params)


def _choice(choice: Choice) -> dict[str, Any]:
    found: dict[str, Any] = {"address": write_choice(choice), "shape": list(map(plain, choice.shape))}
    try:
        a = analysed(choice)
    except ValueError:
        return found | {"refused": True}
    return found | {"figures": [a.params, a.macs, a.flops]}


def _explore(params: Mapping[str, str], _: Any) -> dict[str, Any]:
    choice, problems = read_choice(params)
    return _choice(choice) | {"problems": len(problems)}


def _variants(params: Mapping[str, list[str]]) -> dict[str, Any]:
    variants, problems = read_variants(params.get("v", []))
    return {"variants": [_choice(v.choice) | {"label": v.label, "colour": v.colour} for v in variants], "problems": len(problems)}


def _compare(_: Any, params: Mapping[str, list[str]]) -> dict[str, Any]:
    return _variants(params)


def _latency(first: Mapping[str, str], params: Mapping[str, list[str]]) -> dict[str, Any]:
    found, problems = settings.read_conditions(dict(first))
    written = found.write()
    return _variants(params) | {"conditions": written, "section": first.get("section", "measure"), "refused_conditions": len(problems)}


def _scaling(params: Mapping[str, str], _: Any) -> dict[str, Any]:
    state, problems = read_scaling(params)
    return {"address": write_scaling(state), "problems": len(problems)}


def _space(params: Mapping[str, str], _: Any) -> dict[str, Any]:
    state, problems = read_design(params)
    return {"address": write_design(state), "problems": len(problems)}


def _lectures(params: Mapping[str, str], _: Any) -> dict[str, Any]:
    query = tuple(params.items())
    place, problems = read_position(query)
    problems = [*language_refused(query), *problems]
    return {"address": dict(place.query()), "title": place.lecture.title if place.lecture else "", "problems": len(problems)}


def _atlas(params: Mapping[str, str], _: Any) -> dict[str, Any]:
    state, problems = read_atlas(tuple(params.items()))
    return {"family": state.family, "problems": len(problems)}


READERS: dict[str, Callable[..., dict[str, Any]]] = {
    "explore": _explore, "compare": _compare, "latency": _latency, "scaling": _scaling, "space": _space, "lectures": _lectures, "atlas": _atlas,
}  # fmt: skip


def load() -> dict[str, dict[str, Any]]:
    """Address -> what it opened when it was recorded."""
    return json.loads(DATA.read_text())


# --- Recording -------------------------------------------------------------------------------------


def _drawn(chance: random.Random) -> Choice:
    from tests.baseline.figures import load as figures_recorded
    from tests.baseline.figures import settings_of

    name = chance.choice(catalog.names())
    choice = Choice(name, settings_of(chance.choice(figures_recorded()[name])["knobs"]))
    if chance.random() < 0.3:
        choice = replace(choice, batch=chance.randint(1, 64))
    if chance.random() < 0.2:
        choice = replace(choice, dtype=chance.choice(["bfloat16", "float16", "float64"]), training=chance.random() < 0.5)
    if chance.random() < 0.2 and catalog.free_places(name):
        choice = replace(choice, side=chance.choice([96, 128, 160, 192, 256, 320]))
    return choice


def _addresses(count: int = 300) -> list[str]:
    chance = random.Random(14)
    bad = ["side=-3", "batch=0", "kernel_size=999", "nothing=1", "dtype=float31", "mode=dreaming", "net=resnet51", "groups=x"]
    scaling = [
        "view=compound&abc=1.3,1.1,1.2",
        "view=published",
        "of=flops&log=1",
        "from=0.5&to=2",
        "of=smiles",
        "abc=1,2",
        "x=side",
        "view=compound",
        "on=a100&of=params",
    ]
    space = [
        "n=50&seed=3",
        "how=grid",
        "max.macs=300000000",
        "x=params&y=flops",
        "move=width_mult",
        "how=guess",
        "n=0",
        "max.params=4000000&how=random",
        "range.width_mult=0.5:1.5",
    ]
    latency = [
        "section=roofline",
        "section=predict",
        "batch=8",
        "dtype=bfloat16",
        "device=cpu&threads=1",
        "quantity=amortised",
        "section=nowhere",
        "threads=-1",
        "cache=cold",
    ]
    places = [
        "lecture=resnet&step=3",
        "lecture=vit&lang=zh&step=2",
        "lecture=octave&present=1",
        "lecture=nothing",
        "lang=xx",
        "lecture=senet&step=99",
        "lang=zh",
        "lecture=csp&handout=1",
        "",
        "lecture=inception&notes=1",
        "lecture=ibn&step=2&present=1&lang=zh",
    ]
    atlas_parts = ["", "family=resnet", "family=octave", "family=resnot", "family=vit&find=token", "find=shuffle"]

    def joined(*parts: str) -> str:
        return "&".join(filter(None, parts))

    made: dict[str, None] = {}
    while len(made) < count:
        page = chance.choice(["explore"] * 5 + ["compare"] * 3 + ["latency"] * 2 + ["scaling"] * 2 + ["space"] * 2 + ["lectures"] * 2 + ["atlas"])
        if page == "explore":
            query = joined(urlencode(write_choice(_drawn(chance))), chance.choice(bad) if chance.random() < 0.3 else "")
        elif page in ("compare", "latency"):
            variants = [Variant(_drawn(chance), chance.choice(["", "", "mine"]), chance.choice([None, None, 5])) for _ in range(chance.randint(1, 5))]
            query = joined(urlencode(compare_link(variants).query), chance.choice(latency) if page == "latency" else "")
        elif page == "scaling":
            net = urlencode({"net": chance.choice(catalog.names("model"))})
            query = joined(chance.choice(["", net]), chance.choice(scaling))
        elif page == "space":
            net = urlencode({"net": chance.choice(catalog.names("model"))})
            query = joined(chance.choice(["", net]), chance.choice(space))
        else:
            query = chance.choice(places if page == "lectures" else atlas_parts)
        made[f"/{page}" + (f"?{query}" if query else "")] = None
        if len(made) < count and page in ("lectures", "atlas") and chance.random() < 0.5:
            continue
    return list(made)


def record() -> None:
    """Write what 300 addresses open."""
    DATA.write_text(json.dumps({address: opens(address) for address in _addresses()}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    record()
