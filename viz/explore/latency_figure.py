"""The measured figure as a picture: the median large, its interval, and the samples that it comes from. HTML of fixed height: nothing jumps."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Mapping, Sequence

from blocks.language import tr, translatable
from viz.kit.numbers import significant
from viz.kit.palette import ACCENT, INK, LINE, QUIET, Colour

WIDTH, HEIGHT = 300, 84  # of the samples' picture, in its own units
GOOD, BAD = Colour("#00805C", "#3CCB9D"), Colour("#C2410C", "#FF8A5C")


def milliseconds(seconds: float | None, digits: int = 4) -> str:
    """A time with digits that count: 41.32; an en dash where there is none."""
    return "–" if seconds is None else significant(seconds * 1e3, digits)


def figure(
    median: float | None, low: float | None, high: float | None, recent: Sequence[float], note: str, dark: bool, *, stale: bool = False, title: str = translatable("Median of one pass")
) -> str:  # fmt: skip
    """The card: ``title``, median, interval, ``note`` and samples (seconds). ``stale``: of an earlier setting, shown paler."""
    ink, quiet = INK.on(dark), QUIET.on(dark)
    interval = tr("95 % in {low} – {high} ms", low=milliseconds(low), high=milliseconds(high)) if low is not None and high is not None else "&nbsp;"
    return (
        f"<div style='opacity:{0.45 if stale else 1};line-height:1.35;font-variant-numeric:tabular-nums'>"
        f"<div style='font-size:.875rem;color:{quiet}'>{html.escape(tr(title))}</div>"
        f"<div style='font-size:2.1rem;color:{ink};white-space:nowrap'>{milliseconds(median)}<span style='font-size:1.1rem;color:{quiet}'> ms</span></div>"
        f"<div style='font-size:.875rem;color:{ink};white-space:nowrap'>{interval}</div>"
        f"<div style='font-size:.8rem;color:{quiet};min-height:1.2em;white-space:nowrap;overflow:hidden;text-overflow:ellipsis'>{html.escape(note) or '&nbsp;'}</div>"
        f"{strip(recent, median, low, high, dark)}</div>"
    )


def strip(samples: Sequence[float], median: float | None, low: float | None, high: float | None, dark: bool) -> str:
    """The last samples in the order in which they were taken, with the median's line and the band of its interval."""
    shown = list(samples)[-150:]
    body = f"<line x1='0' y1='{HEIGHT - 1}' x2='{WIDTH}' y2='{HEIGHT - 1}' stroke='{LINE.on(dark)}'/>"
    if shown:
        ordered = sorted(shown)
        bottom, top = ordered[0], max(ordered[int(0.95 * (len(ordered) - 1))], median or 0.0) * 1.02
        scale = (HEIGHT - 12) / max(top - bottom, 1e-12)

        def y(value: float) -> float:
            return round(HEIGHT - 6 - (min(value, top) - bottom) * scale, 2)

        step = WIDTH / max(len(shown), 30)
        accent = ACCENT.on(dark)
        if low is not None and high is not None:
            body += f"<rect x='0' y='{y(high)}' width='{WIDTH}' height='{max(1.5, y(low) - y(high)):.2f}' fill='{accent}' opacity='.18'/>"
        dots = "".join(f"M{(i + 0.5) * step:.1f} {y(s)}h0" for i, s in enumerate(shown))  # lines of no length stay round where the picture is stretched
        body += f"<path d='{dots}' stroke='{accent}' stroke-width='4' stroke-linecap='round' vector-effect='non-scaling-stroke' opacity='.75'/>"
        if median is not None:
            body += f"<line x1='0' y1='{y(median)}' x2='{WIDTH}' y2='{y(median)}' stroke='{INK.on(dark)}' stroke-width='1'/>"
    return _picture(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none'>{body}</svg>", HEIGHT, tr("the last samples")
    )


def _picture(svg: str, height: int, words: str) -> str:
    """An SVG as an image: Streamlit takes drawings out of HTML, and no script inside an image ever runs."""
    data = base64.b64encode(svg.encode()).decode()
    return f"<img alt='{words}' src='data:image/svg+xml;base64,{data}' style='width:100%;height:{height}px;display:block;margin-top:6px'>"


def verdict_figure(found: Mapping[str, object] | None, dark: bool, margin: float) -> str:
    """The ratio of the two times as a point with its interval on a line around 1, the band of the margin behind it."""
    ratio, low, high = (_number(found, name) for name in ("ratio", "low", "high"))
    reach = max([1.25, *(max(v, 1 / v) * 1.1 for v in (ratio, low, high) if v)])

    def x(value: float) -> float:
        return round(WIDTH / 2 * (1 + math.log(value) / math.log(reach)), 2)

    quiet, line = QUIET.on(dark), LINE.on(dark)
    body = f"<rect x='{x(1 / (1 + margin))}' y='8' width='{x(1 + margin) - x(1 / (1 + margin)):.2f}' height='40' fill='{quiet}' opacity='.18'/>"
    body += f"<line x1='0' y1='28' x2='{WIDTH}' y2='28' stroke='{line}'/><line x1='{WIDTH / 2}' y1='4' x2='{WIDTH / 2}' y2='52' stroke='{quiet}'/>"
    if ratio and low and high:
        colour = BAD.on(dark) if low > 1 else GOOD.on(dark) if high < 1 else ACCENT.on(dark)
        body += f"<line x1='{x(low)}' y1='28' x2='{x(high)}' y2='28' stroke='{colour}' stroke-width='5' stroke-linecap='round'/>"
        body += f"<circle cx='{x(ratio)}' cy='28' r='6' fill='{colour}'/>"
    words = f"<text x='0' y='66' font-size='14' fill='{quiet}'>{tr('faster')}</text><text x='{WIDTH}' y='66' font-size='14' text-anchor='end' fill='{quiet}'>{tr('slower')}</text>"
    centre = f"<text x='{WIDTH / 2}' y='66' font-size='14' text-anchor='middle' fill='{quiet}'>{tr('as in the preset')}</text>"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} 70' font-family='sans-serif'>{body}{words}{centre}</svg>"
    return _picture(svg, 70, tr("ratio of the times"))


def _number(found: Mapping[str, object] | None, name: str) -> float | None:
    value = found.get(name) if found else None
    return float(value) if isinstance(value, (int, float)) and value > 0 else None


def bars(rows: Sequence[tuple[str, float, str]], whole: float, dark: bool) -> str:
    """Operations as bars: (name, seconds, colour), longest first, with their share of ``whole``."""
    most = max((seconds for _, seconds, _ in rows), default=1.0)
    lines = []
    for name, seconds, colour in rows:
        lines.append(
            f"<div style='display:grid;grid-template-columns:1fr auto;gap:.1rem .5rem;font-size:.8rem;line-height:1.25;margin-bottom:.35rem'>"
            f"<span style='overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:{INK.on(dark)}' title='{html.escape(name, quote=True)}'>{html.escape(name)}</span>"
            f"<span style='color:{QUIET.on(dark)};white-space:nowrap'>{milliseconds(seconds, 3)} ms · {100 * seconds / whole:.2g} %</span>"
            f"<span style='grid-column:1/3;height:6px;border-radius:3px;background:{LINE.on(dark)}'>"
            f"<span style='display:block;height:6px;border-radius:3px;width:{100 * seconds / most:.1f}%;background:{colour}'></span></span></div>"
        )
    return f"<div style='font-variant-numeric:tabular-nums'>{''.join(lines)}</div>"
