"""What other programs print of the times that they took, as lines of a network and its milliseconds: ``trtexec``'s log and the results table of timm's ``benchmark.py``.

Only times of one picture count: what a batch takes divided by its pictures is less than one picture takes alone.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from blocks.knobs import KnobError

#: Networks that timm calls otherwise than the catalog does.
TIMM_NAMES = {
    "mobilenetv1_100": "mobilenet_v1", "mobilenetv2_100": "mobilenet_v2", "mobilenetv3_large_100": "mobilenet_v3_large", "mobilenetv3_small_100": "mobilenet_v3_small",
    "mnasnet_100": "mnasnet1_0", "mnasnet_050": "mnasnet0_5", "vit_base_patch16_224": "vit_b_16", "vit_base_patch32_224": "vit_b_32",
}  # fmt: skip
_MODEL = re.compile(
    r"--(?:onnx|loadEngine|uff|model)=[\"']?(?:[^\s\"']*[/\\])?(?P<name>[^\s\"'/\\]+?)(?:\.(?:onnx|engine|plan|trt|uff|caffemodel))?[\"']?(?:\s|$)"
)
_SHAPE = re.compile(r"--(?:shapes|optShapes)=[^\s:]+:(?P<batch>\d+)x")
_GPU_TIME = re.compile(r"GPU Compute Time:.*?\bmedian\s*=\s*(?P<median>\S+)\s*(?P<unit>ms|us|s)\b")
_TIMM = ("model", "infer_step_time", "infer_batch_size")
_AGREE = 1.1  # how far a step's time and the rate beside it may differ


@dataclass(frozen=True)
class BenchmarkText:
    """The text with such outputs in the form of typed lines, and a sentence for each that could not be used."""

    text: str
    problems: tuple[str, ...] = ()


def typed_lines(text: str) -> BenchmarkText:
    """What :func:`blocks.latency.devices.pasted.pasted_probes` reads, out of the output of a benchmark; other text stays as it is."""
    if "trtexec" in text or "GPU Compute Time:" in text:
        return _trtexec(text)
    lines = text.lstrip("\ufeff\n ").splitlines()
    if lines and set(_TIMM) <= {name.strip() for name in lines[0].split(",")}:
        return _timm(lines)
    return BenchmarkText(text)


def _trtexec(text: str) -> BenchmarkText:
    lines: list[str] = []
    problems: list[str] = []
    name, batch = "", 1
    for line in text.splitlines():
        if "# " in line and "trtexec" in line:
            model, shape = _MODEL.search(line), _SHAPE.search(line)
            name, batch = (model["name"] if model else ""), int(shape["batch"]) if shape else 1
        elif (time := _GPU_TIME.search(line)) is not None:
            try:
                lines.append(f"{_named(name, batch)} {time['median']} {time['unit']}")
            except KnobError as error:
                problems.append(str(error))
        elif not line.lstrip().startswith(("[", "&&&&")):
            lines.append(line)  # typed beside it
    return BenchmarkText("\n".join(lines), tuple(problems))


def _named(name: str, batch: int) -> str:
    if not name:
        raise KnobError("trtexec", "?", "does not say which network it timed: its command must name a file, as in --onnx=resnet50.onnx")
    _one_picture(name, batch)
    return TIMM_NAMES.get(name, name)


def _one_picture(name: str, batch: float) -> None:
    if batch != 1:
        raise KnobError(name, f"{batch:g}", "pictures at once: what counts here is the time of one picture, at a batch of 1", [1])


def _timm(lines: list[str]) -> BenchmarkText:
    made: list[str] = []
    problems: list[str] = []
    for row in csv.DictReader(io.StringIO("\n".join(lines)), skipinitialspace=True):
        name = str(row["model"] or "").partition(".")[0]
        try:
            made.append(f"{TIMM_NAMES.get(name, name)} {_step_time(name, row)} ms")
        except KnobError as error:
            problems.append(str(error))
    return BenchmarkText("\n".join(made), tuple(dict.fromkeys(problems)))


def _step_time(name: str, row: dict[str, str]) -> float:
    """Milliseconds of a step of one picture. Raises :class:`KnobError`, also where the rate beside it says another time."""
    try:
        time, batch = float(row["infer_step_time"]), float(row["infer_batch_size"])
        rate = float(row.get("infer_samples_per_sec") or "nan")
    except (TypeError, ValueError):
        raise KnobError(name, row.get("infer_step_time"), "is no row of timm's results: step time and batch must be numbers") from None
    _one_picture(name, batch)
    if rate > 0 and not 1 / _AGREE < time * rate / (1e3 * batch) < _AGREE:
        raise KnobError(name, time, f"ms a step do not go with {rate:g} pictures a second: other units, or a row that was changed")
    return time
