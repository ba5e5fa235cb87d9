"""The report's two buttons. A file is written when it is asked for, not at every rerun."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from blocks.cost.diff import Diff
from blocks.extras import missing
from blocks.language import in_same_language, language, speaking, tr
from blocks.latency.measure.results import Comparison
from blocks.latency.roofline.machines import Machine
from viz.compare.document import document
from viz.compare.fonts import chinese_font
from viz.compare.latency import finished
from viz.compare.roofs import chosen_machine
from viz.kit.board import Side
from viz.kit.links import Variant, compare_link
from viz.kit.saving import save_button


def downloads(sides: Sequence[Side], diffs: Sequence[Diff]) -> None:
    """HTML and PDF of everything on the page, or what to install for them."""
    if needs := missing("report"):
        st.caption(tr("A report of this comparison {needs}.", needs=needs))
        return
    measured, address, machine = finished(sides), page_address(sides), chosen_machine()
    of = [side.choice for side in sides]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        save_button(tr("Report as HTML"), in_same_language(partial(_html, sides, diffs, measured, address, machine)), of=of, what="report", suffix=".html", mime="text/html", key="compare.html", icon=":material/html:",
                    help=tr("One file with everything on this page: opens in any browser, fetches nothing."))  # fmt: skip
        save_button(tr("Report as PDF"), in_same_language(partial(_pdf, sides, diffs, measured, address, machine)), of=of, what="report", suffix=".pdf", mime="application/pdf", key="compare.pdf", icon=":material/picture_as_pdf:",
                    help=tr("The same on paper; it takes some seconds to write."))  # fmt: skip
        st.caption(tr("Figures, knobs, graphs, differences, formulas, charts and what was measured, with the address of this page."))
    if _paper_language() != language():
        st.caption(tr("The PDF is in English: no font with Chinese letters was found here. One comes with the package fonts-noto-cjk."))


def _paper_language() -> str:
    """The language of the PDF: that of the page, if a font has its letters."""
    return language() if language() == "en" or chinese_font() else "en"


def page_address(sides: Sequence[Side]) -> str:
    """The address that opens this comparison again."""
    here = urlsplit(st.context.url or "")
    link = compare_link([Variant(side.choice, side.label, side.colour) for side in sides])
    return (f"{here.scheme}://{here.netloc}" if here.netloc else "") + link.url


def _html(sides: Sequence[Side], diffs: Sequence[Diff], measured: Comparison | None, address: str, machine: Machine) -> str:
    from viz.compare.report import html_report  # needs an extra

    return html_report(sides, document(sides, diffs, measured, address, machine))


def _pdf(sides: Sequence[Side], diffs: Sequence[Diff], measured: Comparison | None, address: str, machine: Machine) -> bytes:
    from viz.compare.pdf import pdf_report  # needs an extra

    with speaking(_paper_language()):
        return pdf_report(sides, document(sides, diffs, measured, address, machine))
