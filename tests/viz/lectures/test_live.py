"""Live numbers: each form against torch's own count, what follows the knobs, what is refused."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from blocks import catalog
from viz.lectures.live import TemplateError, fill, filled_templates
from viz.lectures.targets import target


def counted(name: str, **knobs: object) -> tuple[int, int, int]:
    """(parameters, weights, MACs) by torch alone."""
    net = catalog.build(name, **knobs).eval()
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        net(torch.zeros(catalog.input_shape(name, **knobs)))
    return sum(p.numel() for p in net.parameters()), sum(p.numel() for p in net.parameters() if p.dim() > 1), counter.get_total_flops() // 2


def test_counts_are_torchs() -> None:
    params, weights, macs = counted("bottleneck", c_in=96, c_mid=24, c_out=96)
    values = [
        f.value
        for f in filled_templates(
            "{{params bottleneck c_in=96 c_mid=24 c_out=96}} {{weights bottleneck c_in=96 c_mid=24 c_out=96}} {{macs bottleneck c_in=96 c_mid=24 c_out=96}}"
        )
    ]
    assert values == [params, weights, macs]


def test_two_networks() -> None:
    a, b = counted("basic_block", c_in=24, c_mid=24, c_out=24)[0], counted("basic_block", c_in=40, c_mid=40, c_out=40)[0]
    big, small = "basic_block c_in=40 c_mid=40 c_out=40", "basic_block c_in=24 c_mid=24 c_out=24"
    assert fill(f"{{{{ratio params {big} / {small} | .2}}}}") == f"{b / a:.2f}"
    assert fill(f"{{{{share params {small} / {big} | .1}}}}") == f"{100 * a / b:.1f} %"
    assert fill(f"{{{{change params {big} / {small}}}}}") == f"+{100 * (b / a - 1):.3g} %"
    assert fill(f"{{{{diff params {big} / {small} | exact}}}}").replace("\u202f", "") == str(b - a)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{params resnet18}}", "11.69 M"),
        ("{{params resnet18 | M.1}}", "11.7 M"),
        ("{{params resnet18 | exact}}", "11\u202f689\u202f512"),
        ("${{params resnet18 | exact}}$", r"$11\,689\,512$"),
        ("${{params resnet18}}$", r"$11.69\,\mathrm{M}$"),
        ("{{knob bottleneck c_mid}}", "64"),
        ("{{input inception_v3}}", "1 × 3 × 299 × 299"),
        ("{{output resnet18}}", "1 × 1000"),
        ("{{field standard_convolution kernel_size=5}}", "5 × 5"),
        ("{{cite 4,867 M | Howard et al. 2017, table 4}}", "4,867 M :gray[[Howard et al. 2017, table 4]]"),
    ],
)
def test_forms(text: str, shown: str) -> None:
    assert fill(text) == shown


def test_formula_is_inline_latex() -> None:
    assert fill("{{formula weights standard_convolution}}").count("$") == 2


def test_numbers_follow_the_knobs_but_not_past_what_is_written() -> None:
    turned = {"bottleneck": {"c_mid": 32, "kernel_size": 5}}
    wide, narrow, marked = (f.value for f in filled_templates("{{weights bottleneck}} {{weights bottleneck c_mid=16}} {{weights bottleneck!}}", turned))
    assert wide == counted("bottleneck", c_mid=32, kernel_size=5)[1]
    assert narrow == counted("bottleneck", c_mid=16, kernel_size=5)[1]
    assert marked == counted("bottleneck")[1]


def test_what_the_text_names_stays_even_where_it_is_the_default() -> None:
    assert target("bottleneck kernel_size=3").at({"bottleneck": {"kernel_size": 7}}).knobs == {"kernel_size": 3}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{params resnet5}}", "is not in the catalog"),
        ("{{params resnet18 kernl_size=3}}", "no such knob"),
        ("{{params resnet18 kernel_size=4}}", "must be odd"),
        ("{{params resnet18 | furlongs}}", "must be exact, short"),
        ("{{ratio params resnet18}}", "two networks"),
        ("{{ratio colour resnet18 / resnet34}}", "two networks"),
        ("{{parms resnet18}}", "is none of"),
        ("{{cite 4,867 M}}", "where it stands"),
        ("{{accuracy shuffle_unit}}", "no published top-1"),
        ("{{knob resnet18 colour}}", "no such knob"),
        ("{{__import__('os')}}", "is none of"),
        ("{{params}}", "names no network"),
        ('{{params resnet18 as "x}}', "not closed"),
    ],
)
def test_a_bad_template_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(TemplateError) as caught:
        fill(text)
    assert sentence in str(caught.value)
