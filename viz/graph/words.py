"""What the graph viewer says itself: its template (assets/graph.html) and its scripts ask for these words by their English."""

from __future__ import annotations

from blocks.language import language, tr, translatable

_TEMPLATE = (
    translatable("Network graph"),
    translatable("How much is open"),
    translatable("Stages"),
    translatable("Blocks"),
    translatable("Operations"),
    translatable("Colour by"),
    translatable("Search  /"),
    translatable("Search by name or kind"),
    translatable("Direction"),
    translatable("Direction: top to bottom or left to right"),
    translatable("Channel widths to scale"),
    translatable("Draw edges as wide as their channels"),
    translatable("Download"),
    translatable("Keys and mouse"),
    translatable("click the graph to zoom with the wheel"),
    translatable("Zoom"),
    translatable("Zoom in"),
    translatable("Zoom in ( + )"),
    translatable("Zoom out"),
    translatable("Zoom out ( - )"),
    translatable("Fit"),
    translatable("Fit ( 0 )"),
    translatable("Full screen"),
    translatable("About the selection"),
    translatable("The whole graph; press to go there"),
)
_MENUS = (
    translatable("SVG, vector picture"),
    translatable("PNG, twice the size"),
    translatable("PDF, vector picture"),
    translatable("HTML, works without a server"),
    translatable("DOT, Graphviz"),
    translatable("JSON, the traced graph"),
    translatable("click"),
    translatable("select; on + or − open and close"),
    translatable("double click"),
    translatable("open or close"),
    translatable("click a line"),
    translatable("its producer and its readers"),
    translatable("drag, wheel"),
    translatable("move, zoom"),
    translatable("along the lines"),
    translatable("search"),
    translatable("zoom in, zoom out, fit"),
    translatable("clear the selection"),
)
_CARD = (
    translatable("Tensor"),
    translatable("the network"),
    translatable("Open"),
    translatable("Close"),
    translatable("Receptive field"),
    translatable("Point at a position of the feature map."),
    translatable("position ({position}) sees rows {rows}, columns {columns}"),
    translatable("position ({position}) sees nothing of the input"),
    translatable("feature map {size}"),
    translatable("input {size}"),
    translatable("no item matches “{text}”"),
)
_LEGEND = (
    translatable("convolution"),
    translatable("linear"),
    translatable("attention"),
    translatable("norm"),
    translatable("activation"),
    translatable("pool"),
    translatable("add"),
    translatable("subtract"),
    translatable("multiply"),
    translatable("divide"),
    translatable("concat"),
    translatable("reshape"),
    translatable("upsample"),
    translatable("dropout"),
    translatable("other"),
    translatable("shortcut"),
    translatable("changed by the last edit"),
    translatable("fails here"),
    translatable("added"),
    translatable("removed"),
    translatable("changed"),
    translatable("equal"),
    translatable("middle"),
    translatable("maximum"),
)
_READINGS = (
    translatable("Colour by kind"),
    translatable("Parameters"),
    translatable("parameters"),
    translatable("MACs"),
    translatable("FLOPs"),
    translatable("Bytes moved"),
    translatable("Activation memory"),
    translatable("Arithmetic intensity"),
    translatable("Time"),
)
WORDS = (*_TEMPLATE, *_MENUS, *_CARD, *_LEGEND, *_READINGS)


def graph_words() -> dict[str, str]:
    """The words in the language of now, by their English; none in English, which the viewer speaks itself."""
    return {} if language() == "en" else {word: tr(word) for word in WORDS}
