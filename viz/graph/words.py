"""What the buttons and the legend of the graph viewer say."""

from __future__ import annotations

from blocks.language import language, tr, translatable

_WORDS = (
    translatable("Stages"),
    translatable("Blocks"),
    translatable("Operations"),
    translatable("Download"),
    translatable("Zoom in ( + )"),
    translatable("Zoom out ( - )"),
    translatable("Fit ( 0 )"),
    translatable("Full screen"),
    translatable("convolution"),
    translatable("linear"),
    translatable("attention"),
    translatable("norm"),
    translatable("activation"),
    translatable("pool"),
    translatable("add"),
    translatable("multiply"),
    translatable("concat"),
    translatable("reshape"),
    translatable("upsample"),
    translatable("dropout"),
    translatable("other"),
    translatable("shortcut"),
    translatable("changed by the last edit"),
    translatable("Activation memory"),
    translatable("Arithmetic intensity"),
    translatable("middle"),
    translatable("maximum"),
    translatable("Parameters"),
    translatable("Bytes moved"),
    translatable("Receptive field"),
)


def graph_words() -> dict[str, str]:
    """The words in the language of now, by their English; none in English, which the viewer speaks itself."""
    return {} if language() == "en" else {word: tr(word) for word in _WORDS}
