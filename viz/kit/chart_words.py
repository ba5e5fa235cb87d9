"""What Plotly itself says at a chart, in the language of the page: its tool bar and its hints, by Plotly's own English."""

from __future__ import annotations

from blocks.language import language, tr, translatable

_WORDS = (
    translatable("Autoscale"),
    translatable("Box Select"),
    translatable("Compare data on hover"),
    translatable("Double-click on legend to isolate one trace"),
    translatable("Double-click to zoom back out"),
    translatable("Download plot"),
    translatable("Download plot as a PNG"),
    translatable("Pan"),
    translatable("Reset axes"),
    translatable("Show closest data on hover"),
    translatable("Toggle Spike Lines"),
    translatable("Zoom"),
    translatable("Zoom in"),
    translatable("Zoom out"),
)


def chart_language() -> dict[str, object]:
    """Plotly's configuration for the language of now; nothing for English, which it speaks itself."""
    name = language()
    return {} if name == "en" else {"locale": name, "locales": {name: {"dictionary": {word: tr(word) for word in _WORDS}}}}
