"""Published throughput in words: whose, on what, at which picture size; never mixed with what was measured here."""

from __future__ import annotations

from blocks import catalog, reference
from blocks.language import tr
from blocks.latency.roofline.efficiency_fit import conditions_of
from viz.kit.numbers import all_digits


def setup_words(setup: str) -> str:
    """A setup's name as the table has it, readable: "4090 · amp · channels first · torch 2.9.1 · CUDA 12.8"."""
    words, parts = setup.split("-"), []
    layout = {"nchw": tr("channels first"), "nhwc": tr("channels last")}
    for word in words:
        if word.startswith("pt") and word[2:].isdigit():
            parts.append(f"torch 1.{word[3:]}" if word[2] == "1" else f"torch {'.'.join(word[2:])}")
        elif word.startswith("cu") and word[2:].isdigit():
            parts.append(f"CUDA {word[2:4]}.{word[4:]}")
        else:
            parts.append({"dynamo": "torch.compile", "cpu": "", **layout}.get(word, word.replace("_", " ")))
    machine = next(i for i, w in enumerate(words) if any(s in w for s in ("rtx", "4090", "5090", "pro6000", "i9", "i7")))
    parts.insert(0, parts.pop(machine))
    return " · ".join(filter(None, parts))


def throughputs(preset: str) -> list[tuple[str, str]]:
    """(a line, the whole setup) for the best published figure of each GPU, at the picture size nearest to the preset's own."""
    found = reference.throughput(preset)
    machines = found["setup"].map(lambda setup: conditions_of(setup)[0])
    found = found[[m.kind == "gpu" for m in machines]]
    if found.empty:
        return []
    away = (found["image_size"] - catalog.input_shape(preset)[-1]).abs()
    found = found[away == away.min()].sort_values("images_per_second", ascending=False)
    lines: dict[str, tuple[str, str]] = {}
    for row in found.itertuples():
        card = machines[row.Index].title.removeprefix("NVIDIA ").removeprefix("GeForce ")
        lines.setdefault(
            card,
            (
                tr("{card}: {rate} images/s at {side} px", card=card, rate=all_digits(round(row.images_per_second)), side=row.image_size),
                tr("{setup}, batch {n}", setup=setup_words(str(row.setup)), n=f"{row.batch_size:.0f}"),
            ),
        )
    return list(lines.values())
