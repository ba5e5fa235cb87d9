"""The output of other benchmarks as typed lines: every form is read, and what is no time of one picture is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.knobs import KnobError
from blocks.latency.devices.benchmarks import TIMM_NAMES, typed_lines
from blocks.latency.devices.pasted import pasted_probes, probes_of_file
from blocks.latency.devices.tables import population

TRTEXEC = """&&&& RUNNING TensorRT.trtexec [TensorRT v8601] # /usr/src/tensorrt/bin/trtexec --onnx=/models/resnet50.onnx --fp16 --shapes=input:1x3x224x224
[11/29/2026-15:40:01] [I] === Model Options ===
[11/29/2026-15:40:01] [I] Format: ONNX
[11/29/2026-15:41:12] [I] Throughput: 812.3 qps
[11/29/2026-15:41:12] [I] Latency: min = 1.25 ms, max = 1.62 ms, mean = 1.30 ms, median = 1.29 ms, percentile(90%) = 1.33 ms
[11/29/2026-15:41:12] [I] GPU Compute Time: min = 1.19 ms, max = 1.55 ms, mean = 1.232 ms, median = 1.228 ms, percentile(90%) = 1.26 ms
&&&& PASSED TensorRT.trtexec [TensorRT v8601] # /usr/src/tensorrt/bin/trtexec --onnx=/models/resnet50.onnx --fp16
"""
TIMM = """model,infer_samples_per_sec,infer_step_time,infer_batch_size,infer_img_size,infer_gmacs,infer_macts,param_count
resnet50.a1_in1k,80.0,12.5,1,224,4.11,11.11,25.56
mobilenetv2_100.ra_in1k,250.0,4.0,1,224,0.31,6.68,3.5
"""


def test_trtexec_is_read_by_the_median_of_the_gpus_time() -> None:
    assert typed_lines(TRTEXEC).text.split() == ["resnet50", "1.228", "ms"]
    both = TRTEXEC + TRTEXEC.replace("/models/resnet50.onnx", "resnet18.engine").replace("--onnx", "--loadEngine").replace("1.228", "0.5")
    assert pasted_probes(both, "qualcomm").probes == {"resnet50": 1.228, "resnet18": 0.5}
    assert pasted_probes(TRTEXEC + "mobilenet_v2 0.4\n", "qualcomm").probes == {"resnet50": 1.228, "mobilenet_v2": 0.4}


def test_timms_table_is_read_by_its_step_time_and_its_names() -> None:
    assert pasted_probes(TIMM, "ncnn").probes == {"resnet50": 12.5, "mobilenet_v2": 4.0}
    columns = {c.name for table in ("ncnn", "qualcomm") for c in population(table).columns}
    assert set(TIMM_NAMES.values()) <= columns


@pytest.mark.parametrize(("text", "sentence"), [
    (TRTEXEC.replace("1x3x224", "16x3x224"), "at a batch of 1"),
    (TRTEXEC.replace("--onnx=/models/resnet50.onnx", ""), "which network"),
    (TRTEXEC.replace("1.228", "-1.228"), "above 0"),
    (TRTEXEC.replace("1.228", "nan"), "such as 12.3"),
    (TIMM.replace("12.5,1,", "3200,256,").replace("mobilenetv2_100", "resnet18"), "at a batch of 1"),
    (TIMM.replace("12.5", "0.0125"), "other units"),
    (TIMM.replace("12.5", "-12.5"), "other units"),
    (TIMM.replace("12.5", "fast"), "must be numbers"),
])  # fmt: skip
def test_what_is_no_time_of_one_picture_is_said(text: str, sentence: str) -> None:
    found = pasted_probes(text, "ncnn")
    assert any(sentence in problem for problem in found.problems)
    assert "resnet50" not in found.probes


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    for more in ("", "trtexec ", "model,infer_step_time,infer_batch_size\n"):
        assert all(float(str(value)) > 0 for value in pasted_probes(more + text, "ncnn").probes.values())


def test_a_file_of_any_of_them(tmp_path: Path) -> None:
    path = tmp_path / "times.txt"
    forms = {
        TRTEXEC: {"resnet50": 1.228},
        TIMM: {"resnet50": 12.5, "mobilenet_v2": 4.0},
        "resnet18  min = 1 max = 3 avg = 2.5": {"resnet18": 2.5},
        "network,ms\nresnet18,20": {"resnet18": "20"},
    }
    for text, wanted in forms.items():
        path.write_text(text, encoding="utf-8")
        assert probes_of_file(path, "ncnn") == wanted
    for text, sentence in (
        (TIMM.replace("12.5", "0.0125"), "other units"),
        ("no times", "needs the columns"),
        ("mobilenet_ssd  min = 1 max = 3 avg = 2.5", "has no time of a network"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(KnobError, match=sentence):
            probes_of_file(path, "ncnn")
