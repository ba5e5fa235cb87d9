"""How well FLOPs order the published times of each run, as a chart of all runs."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from blocks.language import tr, translatable
from viz.kit import palette

#: Where a run computes: its words, its mark and its colour's number.
_UNITS = {
    "CPU": (translatable("processors"), "circle", 0),
    "GPU": (translatable("GPUs"), "square", 2),
    "NPU": (translatable("neural processors"), "triangle-up", 3),
}


def rank_chart(frame: pd.DataFrame, device: str, dark: bool) -> go.Figure:
    """The rank correlation of every run by where it computes, from the best ordered to the worst; the runs of ``device`` are ringed."""
    ordered = frame.sort_values("rho", ascending=False).reset_index(drop=True)
    ordered["place"] = ordered.index + 1
    made = go.Figure()
    for unit, (words, symbol, place) in _UNITS.items():
        part = ordered[ordered["unit"] == unit]
        if len(part):
            said = [f"<b>{r['device']}</b><br>{r['settings']}<br>ρ = {r['rho']:.2f}, {tr('{n} networks', n=r['networks'])}" for r in part.to_dict("records")]
            made.add_scatter(x=part["place"], y=part["rho"], mode="markers", name=tr(words), customdata=said, hovertemplate="%{customdata}<extra></extra>",
                             marker={"size": 8, "symbol": symbol, "color": palette.variant_colour(place, dark), "opacity": 0.75})  # fmt: skip
    here = ordered[ordered["device"] == device]
    if len(here):
        made.add_scatter(x=here["place"], y=here["rho"], mode="markers", name=tr("the chosen device"), hoverinfo="skip",
                         marker={"size": 17, "symbol": "circle-open", "color": palette.CHANGED.on(dark), "line": {"width": 2.5}})  # fmt: skip
    made.update_xaxes(title=tr("Published runs, from the best ordered to the worst"))
    made.update_yaxes(title=tr("Rank correlation of FLOPs and time"))
    return made
