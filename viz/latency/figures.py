"""The pictures of the Latency page: samples, ratios, rankings, history, rank correlations. Times are shown in milliseconds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blocks.language import tr, translatable
from blocks.latency.measure.results import Comparison, Measurement
from blocks.latency.roofline.predictors import PREDICTORS, Predictors
from viz.kit.palette import ACCENT, GROUND, INK, LINE, QUIET, kind_colour, mix, variant_colour

Series = tuple[str, int, Measurement]  # name, colour's number, result


def measured_of(series: Sequence[Series]) -> list[str]:
    """What a download of measurements is of: each network with its knobs, batch, type and device."""
    made = []
    for _, _, m in series:
        e = m.experiment
        made.append(", ".join([e.title, *([f"batch {e.batch}"] if e.batch else []), e.dtype, e.device]))
    return made


def sample_chart(series: Sequence[Series], dark: bool) -> go.Figure:
    """Each sample in the order taken, and beside it how often each time was taken; bands are the medians' 95 % intervals."""
    figure = make_subplots(1, 2, shared_yaxes=True, column_widths=[0.68, 0.32], horizontal_spacing=0.02)
    top = max((np.quantile(m.samples, 0.99) * 1.15 for _, _, m in series if m.samples), default=1.0) * 1e3
    low = min((min(m.samples) for _, _, m in series if m.samples), default=0.0) * 1e3
    width = max(top - low, 1e-9) / 60
    for name, place, m in series:
        colour = variant_colour(place, dark)
        ms = np.array(m.samples) * 1e3
        figure.add_scatter(
            x=np.arange(1, len(ms) + 1), y=ms, mode="markers", name=name, legendgroup=name, marker={"size": 5, "color": colour, "opacity": 0.7},
            hovertemplate=tr("sample %{x}<br>%{y:.4g} ms") + "<extra></extra>", row=1, col=1,
        )  # fmt: skip
        figure.add_histogram(
            y=ms, ybins={"start": low - width / 2, "size": width}, marker={"color": mix(colour, GROUND.on(dark), 0.65)}, name=name, legendgroup=name, showlegend=False,
            hovertemplate=tr("%{x} samples at %{y:.4g} ms") + "<extra></extra>", row=1, col=2,
        )  # fmt: skip
        figure.add_hline(y=m.median * 1e3, line={"color": colour, "width": 1.5})
        if m.low is not None and m.high is not None:
            figure.add_hrect(y0=m.low * 1e3, y1=m.high * 1e3, fillcolor=colour, opacity=0.16, line_width=0)
    figure.update_layout(barmode="overlay", bargap=0.05)
    figure.update_yaxes(title=tr("one pass (ms)"), range=[max(0, low - 0.08 * (top - low)), top], row=1, col=1)
    figure.update_xaxes(title=tr("sample"), row=1, col=1)
    figure.update_xaxes(title=tr("how many"), row=1, col=2)
    return figure


def process_chart(series: Sequence[Series], dark: bool) -> go.Figure:
    """Medians of fresh processes, a row per network: the spread that a single process cannot see."""
    figure = go.Figure()
    for name, place, m in series:
        if m.process_medians:
            figure.add_scatter(
                x=np.array(m.process_medians) * 1e3, y=[name] * len(m.process_medians), mode="markers", name=name, showlegend=False,
                marker={"size": 11, "color": variant_colour(place, dark), "opacity": 0.75}, hovertemplate=tr("median of one process") + "<br>%{x:.4g} ms<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(title=tr("median of each fresh process (ms)"))
    return figure


def ratio_chart(comparison: Comparison, names: Sequence[str], colours: Sequence[int], dark: bool, margin: float = 0.02) -> go.Figure:
    """Time over the first network's, a dot per episode; the line is the estimate, the band its interval, grey what counts as no difference."""
    figure = go.Figure()
    figure.add_hrect(y0=1 / (1 + margin), y1=1 + margin, fillcolor=QUIET.on(dark), opacity=0.14, line_width=0)
    figure.add_hline(y=1, line={"color": LINE.on(dark), "width": 1.5})
    values = np.exp(np.array(comparison.log_ratios)) if comparison.log_ratios else np.ones((0, len(names)))
    for i in range(1, len(names)):
        colour, verdict = variant_colour(colours[i], dark), comparison.verdicts[i - 1]
        figure.add_scatter(
            x=np.arange(1, len(values) + 1), y=values[:, i], mode="markers", name=f"{names[i]} / {names[0]}", marker={"size": 7, "color": colour},
            hovertemplate=tr("episode %{x}<br>%{y:.4f} times") + "<extra></extra>",
        )  # fmt: skip
        figure.add_hline(y=verdict["ratio"], line={"color": colour, "width": 1.5, "dash": "dash"})
        if verdict.get("low") and verdict.get("high"):
            figure.add_hrect(y0=verdict["low"], y1=verdict["high"], fillcolor=colour, opacity=0.15, line_width=0)
    figure.update_xaxes(title=tr("episode"))
    figure.update_yaxes(title=tr("time over {network}'s", network=names[0]), type="log", tickformat=".3~g", nticks=6)
    return figure


def ranking_chart(comparison: Comparison, names: Sequence[str], colours: Sequence[int], dark: bool) -> go.Figure:
    """Fastest first: median time of each network with its interval; the same rank means that they could not be told apart."""
    places = comparison.ranking[::-1]
    each = [comparison.each[p["index"]] for p in places]
    bounds = [(m.median - m.low, m.high - m.median) if m.low is not None and m.high is not None else (0.0, 0.0) for m in each]
    figure = go.Figure(go.Bar(
        x=[m.median * 1e3 for m in each], orientation="h",
        y=[f"<b>{p['rank']}. {names[p['index']]}</b><br>{m.median * 1e3:.4g} ms · {p['relative']:.2f}×" for m, p in zip(each, places, strict=True)],
        marker={"color": [variant_colour(colours[p["index"]], dark) for p in places]},
        error_x={"type": "data", "symmetric": False, "array": [b[1] * 1e3 for b in bounds], "arrayminus": [b[0] * 1e3 for b in bounds], "color": INK.on(dark)},
        hovertemplate="%{y}<extra></extra>",
    ))  # fmt: skip
    figure.update_xaxes(title=tr("median of one pass (ms)"), rangemode="tozero")
    return figure


def kind_chart(seconds: pd.Series, dark: bool) -> go.Figure:
    """Seconds by kind of operation as bars, longest first."""
    ordered = seconds.sort_values()
    figure = go.Figure(go.Bar(
        x=ordered.to_numpy() * 1e3, y=[str(k) for k in ordered.index], orientation="h", marker={"color": [kind_colour(str(k), dark) for k in ordered.index]},
        text=[f"{v * 1e3:.3g} ms · {100 * v / ordered.sum():.2g} %" for v in ordered], textposition="auto", hovertemplate="%{y}<br>%{x:.4g} ms<extra></extra>",
    ))  # fmt: skip
    figure.update_xaxes(title=tr("time (ms)"))
    return figure


def estimate_chart(table: pd.DataFrame, colours: Sequence[int], dark: bool) -> go.Figure:
    """Estimated time of each network on each machine; ``table`` has machine, network, milliseconds, error (share or nan), basis."""
    figure = go.Figure()
    for place, (network, part) in zip(colours, table.groupby("network", sort=False), strict=False):
        spread = {"type": "data", "array": part["milliseconds"] * part["error"].fillna(0), "color": variant_colour(place, dark), "thickness": 2, "width": 5}
        figure.add_scatter(
            x=part["milliseconds"], y=part["machine"], mode="markers", name=str(network), marker={"size": 12, "color": variant_colour(place, dark)}, error_x=spread,
            customdata=part["basis"], hovertemplate="%{y}<br>%{x:.4g} ms<br>%{customdata}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=tr("estimated time of one pass (ms)"), **_log_axis(table["milliseconds"]))
    figure.update_yaxes(autorange="reversed", showgrid=True, griddash="dot")
    return figure


def _log_axis(values: pd.Series, wider: float = 1.35) -> dict[str, object]:
    """A logarithmic axis that holds ``values`` with room on both sides, labelled at 1, 2 and 5 of each power."""
    low, high = float(values.min()) / wider, float(values.max()) * wider
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 300 else (1,)
    ticks = [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
    return {"type": "log", "range": [math.log10(low), math.log10(high)], "tickvals": ticks, "ticktext": [f"{t:.12g}" for t in ticks]}


def history_chart(rows: pd.DataFrame, dark: bool) -> go.Figure:
    """Medians over time from the ledger, a line an experiment (network and conditions), with their intervals."""
    figure = go.Figure()
    for i, (_, part) in enumerate(rows.sort_values("finished_at").groupby("experiment_key", sort=False)):
        first = part.iloc[0]
        name = f"{first['network']} · {first['device']} · {first['dtype']} · {tr(first['mode'].replace('_', ' + '))} · {tr('batch {n}', n=format(first['batch'], '.0f'))}"
        spread = {
            "type": "data",
            "symmetric": False,
            "array": (part["high"] - part["median"]) * 1e3,
            "arrayminus": (part["median"] - part["low"]) * 1e3,
            "thickness": 1,
        }
        figure.add_scatter(
            x=part["finished_at"], y=part["median"] * 1e3, mode="lines+markers", name=name, line={"color": variant_colour(i, dark), "width": 1.5},
            error_y=spread, hovertemplate="%{x|%Y-%m-%d %H:%M}<br>%{y:.4g} ms<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(title=tr("median of one pass (ms)"), rangemode="tozero")
    figure.update_xaxes(title="")
    return figure


def sweep_chart(table: pd.DataFrame, along: str, by: str | None, time: bool, dark: bool) -> go.Figure:
    """A sweep's cells that are done, along one axis, a line for each value of another: milliseconds with their interval, or images per second.

    Where cells differ in further axes a line's dots are their medians, and the interval is left out.
    """
    done = table[table["state"] == "done"].assign(ms=lambda t: t["median"].astype(float) * 1e3)
    done = done.assign(above=done["high"].astype(float) * 1e3 - done["ms"], below=done["ms"] - done["low"].astype(float) * 1e3)
    figure, column = go.Figure(), "ms" if time else "images_per_second"
    for i, value in enumerate(dict.fromkeys(done[by]) if by else [""]):
        part = done[done[by] == value] if by else done
        cells = part.groupby(along, sort=False).agg(y=(column, "median"), above=("above", "max"), below=("below", "max"), n=(column, "size"))
        alone = time and bool((cells["n"] == 1).all())
        spread = (
            {"type": "data", "symmetric": False, "array": cells["above"].fillna(0), "arrayminus": cells["below"].fillna(0), "thickness": 1} if alone else None
        )
        figure.add_scatter(
            x=[str(x) for x in cells.index], y=cells["y"], mode="lines+markers", name=f"{by} = {value}" if by else "", error_y=spread, showlegend=bool(by),
            line={"color": variant_colour(i, dark), "width": 2}, marker={"size": 9}, hovertemplate=f"{along} = %{{x}}<br>%{{y:.4g}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=along, type="category", categoryorder="array", categoryarray=[str(v) for v in dict.fromkeys(table[along])])
    figure.update_yaxes(title=tr("median of one pass (ms)") if time else tr("images per second"), rangemode="tozero")
    return figure


def predictor_ranks(found: Predictors, dark: bool) -> go.Figure:
    """Spearman's correlation of each predictor with time, with its bootstrap interval; 1 is the right order of all networks."""
    table = found.ranks.sort_values("rho")
    figure = go.Figure(go.Scatter(
        x=table["rho"], y=[tr(PREDICTORS[p]) for p in table["predictor"]], mode="markers+text", text=[f"{r:.3f}" for r in table["rho"]], textposition="top center",
        marker={"size": 13, "color": [ACCENT.on(dark) if p == "model" else INK.on(dark) for p in table["predictor"]]},
        error_x={"type": "data", "symmetric": False, "array": table["high"] - table["rho"], "arrayminus": table["rho"] - table["low"], "color": QUIET.on(dark)},
        customdata=table[["low", "high"]], hovertemplate="%{y}<br>" + tr("rank correlation") + " %{x:.3f} (%{customdata[0]:.3f} – %{customdata[1]:.3f})<extra></extra>",
    ))  # fmt: skip
    figure.update_xaxes(title=tr("rank correlation with time per image (95 % interval)"), range=[min(0.0, float(table["low"].min()) - 0.05), 1.03])
    return figure


#: Unit of each predictor on an axis: factor and words.
_UNITS = {
    "model": (1e3, translatable("roofline model (ms per image)")), "macs": (1e-9, translatable("GMACs per image")), "flops": (1e-9, translatable("GFLOPs per image")), "bytes": (1e-6, translatable("MB moved per image")),
    "params": (1e-6, translatable("million parameters")), "operations": (1.0, translatable("operations")),
}  # fmt: skip


def against_time(found: Predictors, predictor: str, dark: bool, marked: Mapping[str, int] = MappingProxyType({})) -> go.Figure:
    """One predictor against published time per image, a dot per network. ``marked`` networks have their variant's colour and their name, as have
    the two that the predictor misjudges most; the model has its diagonal."""
    factor, words = _UNITS[predictor]
    table = found.table.assign(x=found.table[predictor] * factor, y=found.table["seconds"] * 1e3)
    figure = go.Figure()
    if predictor == "model":
        ends = [float(table[["x", "y"]].to_numpy().min()) / 1.3, float(table[["x", "y"]].to_numpy().max()) * 1.3]
        figure.add_scatter(x=ends, y=ends, mode="lines", line={"color": LINE.on(dark), "width": 1.2, "dash": "dash"}, showlegend=False, hoverinfo="skip")
    shown = _extremes(table) | set(marked)
    for chosen in (False, True):
        part = table[table["preset"].isin(list(marked)) == chosen]
        colours = [variant_colour(marked[p], dark) if chosen else QUIET.on(dark) for p in part["preset"]]
        figure.add_scatter(
            x=part["x"], y=part["y"], mode="markers+text", text=[p if p in shown else "" for p in part["preset"]], textposition="top center",
            textfont={"size": 13, "color": INK.on(dark)}, showlegend=False, customdata=part[["preset", "image_size"]],
            marker={"size": 14 if chosen else 9, "color": [mix(c, GROUND.on(dark), 1.0 if chosen else 0.7) for c in colours], "line": {"width": 1, "color": colours}},
            hovertemplate="<b>%{customdata[0]}</b> · %{customdata[1]}<br>%{x:.4g} → %{y:.4g} ms<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=tr(words), **_log_axis(table["x"], 2.2))
    figure.update_yaxes(title=tr("published time per image (ms)"), **_log_axis(table["y"], 1.5))
    return figure


def _extremes(table: pd.DataFrame) -> set[str]:
    """The networks that are fastest and slowest for what the predictor says of them."""
    order = np.argsort((table["y"] / table["x"]).to_numpy(float))
    return set(table["preset"].iloc[[order[0], order[-1]]])


def measured_against(table: pd.DataFrame, dark: bool) -> go.Figure:
    """Estimate against measurement, a dot per result of the ledger; ``table`` has network, measured, estimated (seconds)."""
    ends = [table[["measured", "estimated"]].to_numpy().min() * 1e3 / 1.3, table[["measured", "estimated"]].to_numpy().max() * 1e3 * 1.3]
    figure = go.Figure()
    figure.add_scatter(x=ends, y=ends, mode="lines", line={"color": LINE.on(dark), "width": 1.2, "dash": "dash"}, showlegend=False, hoverinfo="skip")
    figure.add_scatter(
        x=table["estimated"] * 1e3, y=table["measured"] * 1e3, mode="markers", showlegend=False, text=table["network"], marker={"size": 10, "color": ACCENT.on(dark)},
        hovertemplate="<b>%{text}</b><br>" + tr("estimated %{x:.4g} ms, measured %{y:.4g} ms") + "<extra></extra>",
    )  # fmt: skip
    both = pd.concat([table["estimated"], table["measured"]]) * 1e3
    figure.update_xaxes(title=tr("estimated (ms)"), **_log_axis(both))
    figure.update_yaxes(title=tr("measured (ms)"), **_log_axis(both))
    return figure
