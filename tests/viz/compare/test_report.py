"""The report: complete, self-contained, readable by machines that are not ours."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from pypdf import PdfReader

from blocks.language import speaking
from blocks.latency.roofline.machines import published_machines
from viz.compare.content import cost_frame
from viz.compare.differences import against_first
from viz.compare.document import Frame, Heading, Maths, Pictures, ReportPart, ReportPicture, Table, Words, document
from viz.compare.drawing import bars_svg, tick_step
from viz.compare.fonts import chinese_font
from viz.compare.formula_view import ratio_latex
from viz.compare.formulas import FormulaRatio, side_formulas
from viz.compare.latency import latency_rows
from viz.compare.maths import mathml, maths_svg
from viz.compare.pdf import pdf_report
from viz.compare.report import html_report
from viz.compare.roofs import basis
from viz.kit.board import Board, Side, sides
from viz.kit.choice import Choice
from viz.kit.palette import variant_colour


def compared(*variants: tuple[str, dict[str, Any]]) -> list[Side]:
    board = Board()
    for name, knobs in variants:
        board.add(Choice(name, knobs))
    return sides(board)


@pytest.fixture(scope="module")
def both() -> list[Side]:
    return compared(("standard_convolution", {"norm": False}), ("depthwise_separable", {"norm": False}))


@pytest.fixture(scope="module")
def parts(both: list[Side]) -> list[ReportPart]:
    return document(both, against_first(both), None, "https://example.org/compare?v=1", published_machines()[0])


class Outside(HTMLParser):
    """Collects everything that a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "embed", "base"):
            self.found.append(tag)
        self.found += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "srcset", "data") or (name or "").startswith("on")]


def test_the_html_file_has_everything_and_fetches_nothing(both: list[Side], parts: list[ReportPart]) -> None:
    text = html_report(both, parts)
    outside = Outside()
    outside.feed(text)
    assert outside.found == []
    assert "url(" not in text
    assert "@import" not in text
    assert text.count("<svg") == 2 + 4 + 1  # a graph a side, a chart a cost, the roofline
    assert text.count("<math") == sum(isinstance(p, Maths) for p in parts)
    for words in ("231.2 M", "27.50 M", "Depthwise 3×3", "What differs: A and B", "https://example.org/compare?v=1"):
        assert words in text, words


def test_the_parts_are_all_that_the_page_shows(parts: list[ReportPart]) -> None:
    kinds = [type(p) for p in parts]
    assert kinds.count(Table) == 3
    assert Frame in kinds
    assert kinds.count(ReportPicture) == 5
    assert kinds.count(Pictures) == 1
    assert any(isinstance(p, Maths) and r"\frac{1}{N} + \frac{1}{D_{K}^{2}} = 0.1189" in p.latex for p in parts)


def test_the_pdf_file_is_one_that_readers_open(both: list[Side], parts: list[ReportPart]) -> None:
    data = pdf_report(both, parts)
    assert data.startswith(b"%PDF-1.")
    assert data.rstrip().endswith(b"%%EOF")
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    assert data[start : start + 4] == b"xref" or b"/XRef" in data[start : start + 400]
    assert 2 <= len(re.findall(rb"/Type /Page\b(?!s)", data)) <= 12
    assert b"/Subtype /Image" not in data  # pictures and formulas are vectors


def test_long_words_and_many_columns_fit_on_paper(both: list[Side]) -> None:
    frame = pd.DataFrame({"where": ["a" * 300, "b.c"], **{f"a column with number {i} (Δ)": [10**12 + i, -i] for i in range(9)}})
    assert pdf_report(both, [Heading("Wide", 1), Frame(frame)]).startswith(b"%PDF-1.")


def test_formulas_are_mathml_and_outlines() -> None:
    latex = r"\textcolor{#C2410C}{\frac{1}{N}} + \left\lfloor \tfrac{H}{2}\right\rfloor = \mathbf{12\,345}"
    root = ElementTree.fromstring(mathml(latex))
    assert root.tag.endswith("math")
    assert "".join(root.itertext()).replace(" ", "") == "1N+⌊H2⌋=12345"
    assert any(e.get("mathcolor") == "#C2410C" for e in root.iter())
    drawn = ElementTree.fromstring(maths_svg(latex))
    assert sum(e.tag.endswith("path") for e in drawn.iter()) >= 10
    assert not any(e.tag.endswith(("use", "text")) for e in drawn.iter())


def test_bars_are_as_tall_as_their_values() -> None:
    shown = compared(("resnet18", {}), ("resnet34", {}))
    frame = cost_frame(shown, "stage", "macs")
    root = ElementTree.fromstring(bars_svg(shown, frame, "MACs"))
    for side in shown:
        bars = [float(r.get("height", 0)) for r in root.iter() if r.tag.endswith("rect") and r.get("fill") == variant_colour(side.colour)][
            1:
        ]  # the first is the legend's
        values = [float(v) for v in frame[side.title]]
        assert len(bars) == len(values)
        scale = max(bars) / max(values)
        assert bars == pytest.approx([v * scale for v in values], abs=0.06)
    empty = ElementTree.fromstring(bars_svg(shown, pd.DataFrame(columns=[s.title for s in shown]), "MACs"))
    assert empty.tag.endswith("svg")


@pytest.mark.parametrize(("most", "step"), [(1, 0.2), (9, 2), (11.4e9, 2.5e9), (24, 5.0), (4_867_000_000, 1e9)])
def test_ticks_are_round(most: float, step: float) -> None:
    assert tick_step(most) == pytest.approx(step)


@pytest.fixture(scope="module")
def three() -> list[Side]:
    return compared(("bottleneck", {}), ("inverted_residual", {"stride": 2}), ("basic_block", {"se_ratio": 4}))


def test_no_command_of_latex_is_printed(three: list[Side]) -> None:
    parts = document(three, against_first(three), None, "", published_machines()[0])
    assert any(r"\quad" in p.latex for p in parts if isinstance(p, Maths))
    for part in parts:
        if isinstance(part, Maths):
            assert "\\" not in "".join(ElementTree.fromstring(mathml(part.latex)).itertext()), part.latex


def test_conditions_that_exclude_each_other_are_said_of_their_own_networks(three: list[Side]) -> None:
    (found,) = side_formulas(three, "macs")
    said = {held.words: held.conditions for held in found.conditions}
    assert any("r = 0" in text for text in said["A, B hold while"])
    assert any(text.startswith(r"r \mid") for text in said["C holds while"])
    (alone,) = side_formulas(three[:1], "macs")
    assert [held.words for held in alone.conditions] == ["holds while"]


def test_the_estimates_note_ends_with_its_number(three: list[Side]) -> None:
    machine = published_machines()[0]
    assert re.search(
        r"is not known; on networks left out of the fit, at batch \d+ to \d+, float16, such estimates were off by \d+ % in the median\.$", basis(three, machine)
    )
    low, _, dtype = machine.efficiency.tested
    assert re.fullmatch(r"On networks left out of the fit, such estimates were off by \d+ % in the median\.", machine.efficiency.error_words(low, dtype))


def test_a_heading_stays_with_what_follows(three: list[Side]) -> None:
    """Wherever on the page the heading would fall: no page ends with it."""
    tall = ReportPicture(bars_svg(three, cost_frame(three, "kind", "macs"), "MACs"), "MACs by kind")
    for lines in range(40, 60, 2):
        parts: list[ReportPart] = [Heading("T", 1), Words("\n".join(["line"] * lines)), Heading("Under test"), tall]
        pages = PdfReader(io.BytesIO(pdf_report(three, parts))).pages
        (where,) = [page.extract_text() for page in pages if "Under test" in page.extract_text()]
        assert "MACs by kind" in where


def test_models_show_their_whole_and_their_costliest_block() -> None:
    whole, block = side_formulas(compared(("mobilenet_v1_standard", {}), ("mobilenet_v1", {})), "macs")
    assert [line.count for line in whole.lines] == [r"4\,867\,293\,184", r"568\,740\,352"]
    assert block.title.count("stages.1.1") == 2
    assert block.ratios[0].symbolic == r"\frac{1}{N} + \frac{1}{D_{K}^{2}}"
    assert block.ratios[0].value == pytest.approx(1 / 128 + 1 / 9)


def test_a_ratio_to_nothing_is_said() -> None:
    first, other = compared(("shift", {}), ("bottleneck", {}))
    assert "not defined: A counts nothing" in ratio_latex(FormulaRatio(other, None, None, None), first, dark=False)


def test_latency_rows_say_who_is_faster() -> None:
    shown = compared(("resnet18", {}), ("resnet34", {}), ("resnet50", {}))
    verdicts = [
        {"kind": "faster", "ratio": 1.8, "low": 1.7, "high": 1.9, "more": 0},
        {"kind": "undecided", "ratio": 1.01, "low": 0.9, "high": 1.1, "more": 12},
    ]
    rows = latency_rows(shown, None, verdicts)
    assert [c.text for c in rows[1].cells] == ["reference", "1.80× slower", "undecided"]
    assert "1.700 – 1.900" in rows[1].cells[1].below
    assert [c.text for c in latency_rows(shown, None)[0].cells] == ["–"] * 3
    flipped = latency_rows(shown[:2], None, [{"kind": "slower", "ratio": 0.5, "low": 0.45, "high": 0.55, "more": 0}])
    assert flipped[1].cells[1].text == "2.00× faster"


#: Three English words in a row; names of networks, data sets and code are of one word.
ENGLISH = re.compile(r"(?<![\w./-])[A-Za-z]+(?: [a-z]{2,}){2,}")


def _without_pictures_and_code(page: str) -> str:
    return re.sub(r"<style.*?</style>|<pre>.*?</pre>|<svg.*?</svg>|<[^>]*>", " ", page, flags=re.DOTALL)


def test_a_report_speaks_the_language_of_its_page() -> None:
    networks = compared(("mobilenet_v1", {}), ("mobilenet_v2", {"expansion": 5.0}))
    with speaking("zh"):
        made = document(networks, against_first(networks), None, "https://example.org/compare?v=1", published_machines()[0])
        page = html_report(networks, made)
        paper = pdf_report(networks, made) if chinese_font() else b""
    assert '<html lang="zh">' in page
    assert ENGLISH.findall(_without_pictures_and_code(page)) == []
    if paper:
        # pypdf reads each of two bytes of a letter on its own where a font brings its own encoding
        written = "".join(letter for sheet in PdfReader(io.BytesIO(paper)).pages for letter in sheet.extract_text() if letter.isprintable() and letter != " ")
        assert all(words in written for words in ("不同的参数设置", "峰值内存", "代价分布", "成立条件：", "计数方法"))
