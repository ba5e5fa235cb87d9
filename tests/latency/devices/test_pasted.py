"""Times as a user pastes them: every form is read, and what is none is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.latency.devices.pasted import MOST_PASTED, PastedProbes, pasted_probes

BENCHNCNN = """loop_count = 4
num_threads = 4
powersave = 0
gpu_device = -1
cooling_down = 1
          squeezenet  min =    6.12  max =    6.55  avg =    6.28
     squeezenet_int8  min =    5.02  max =    5.11  avg =    5.07
       mobilenet_ssd  min =   21.00  max =   22.00  avg =   21.50
"""


@pytest.mark.parametrize(
    "line",
    [
        "resnet50 80",
        "resnet50=80",
        "resnet50, 80",
        "resnet50:80",
        "resnet50\t80 ms",
        "resnet50: 80ms",
        "resnet50 = 0.08 s",
        "resnet50 80000 us",
        "resnet50 80000 µs",
        "  resnet50  8e1 ",
    ],
)
def test_every_form_of_a_line_is_read(line: str) -> None:
    found = pasted_probes(line, "ncnn")
    assert found.problems == ()
    assert found.probes == {"resnet50": pytest.approx(80)}


def test_benchncnn_is_read_by_its_averages() -> None:
    found = pasted_probes(BENCHNCNN, "ncnn")
    assert found == PastedProbes({"squeezenet1_1": 6.28, "squeezenet1_1:int8": 5.07}, (), ("mobilenet_ssd",))


def test_a_table_with_a_head_and_one_line_for_all() -> None:
    assert pasted_probes("network,ms\nresnet18,20\nvgg16,300", "ncnn").probes == {"resnet18": 20.0, "vgg16": 300.0}
    assert pasted_probes("resnet18 20; wide_resnet50_2 3", "qualcomm").probes == {"resnet18": 20.0, "wide_resnet50_2": 3.0}


@pytest.mark.parametrize(("line", "sentence"), [
    ("resnet50 -3", "above 0"), ("resnet50 0", "above 0"), ("resnet50 quick", "such as 12.3"), ("resnet50 1e30", "between"), ("resnet50 1.2.3 ms", "such as 12.3"), ("resnet5O 80", "resnet50"),
    ("80", "a network and its milliseconds"), ("resnet50", "a network and its milliseconds"), ("resnet50 80\nresnet50 81", "there twice"), ("resnet50 nan", "above 0"),
])  # fmt: skip
def test_what_is_no_time_is_said(line: str, sentence: str) -> None:
    found = pasted_probes(line, "ncnn")
    assert [sentence in problem for problem in found.problems] == [True]
    assert found.probes in ({}, {"resnet50": 80.0})


def test_the_other_lines_count() -> None:
    found = pasted_probes("resnet18 -1\nresnet50 80", "ncnn")
    assert (found.probes, len(found.problems)) == ({"resnet50": 80.0}, 1)


def test_a_novel_is_cut_and_said() -> None:
    found = pasted_probes("resnet50 80\n" + "x" * (2 * MOST_PASTED), "ncnn")
    assert "is too long" in found.problems[0]
    assert all(len(problem) < 2000 for problem in found.problems)
    assert found.probes == {"resnet50": 80.0}


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    found = pasted_probes(text, "ncnn")
    assert all(float(str(value)) > 0 for value in found.probes.values())
