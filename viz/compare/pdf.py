"""The report as a PDF file: the same parts, on paper. Pictures and formulas are vectors; the fonts travel in the file."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import ziafont
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import FontFace

from blocks.language import language
from viz.compare.document import Frame, Heading, Maths, Pictures, ReportPart, ReportPicture, Table, Words
from viz.compare.fonts import Font, chinese_font
from viz.compare.maths import maths_svg
from viz.compare.report import cell_text
from viz.kit.board import Side
from viz.kit.palette import INK, QUIET, variant_colour

_FONT = Font(Path(ziafont.__file__).parent / "fonts" / "DejaVuSans.ttf")
_FONT_NAME = "Report"
_RULE = "#DCDCD6"
_GAP = 4.0  # mm between pictures beside each other
_WORD = 24.0  # mm
_HEADING = 14.0  # mm that a heading takes
_BELOW_TITLE = 34.0  # mm of a page that a picture leaves to its heading and its caption
MM = 25.4 / 96  # of a CSS pixel
_CHINESE_WORDS = re.compile(r"\\text\{([^{}]*[^\x00-\x7f][^{}]*)\}")
_NARROWER = 0.86  # this font runs wider than the one that the pictures are measured in


class _Paper(FPDF):
    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(_FONT_NAME, size=8)
        self.set_text_color(QUIET.light)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align="R")


def pdf_report(sides: Sequence[Side], parts: Sequence[ReportPart]) -> bytes:
    """The whole file, A4, in the language of now: of Chinese, only where :func:`viz.compare.fonts.chinese_font` finds a font."""
    paper = _Paper(format="A4")
    paper.set_margin(16)
    paper.set_auto_page_break(True, 16)
    font = _FONT if language() == "en" else chinese_font() or _FONT
    for style in ("", "B"):
        paper.add_font(_FONT_NAME, style, str(font.path), collection_font_number=font.number)
    paper.set_title(next(part.text for part in parts if isinstance(part, Heading)))
    paper.add_page()
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        if isinstance(part, Heading) and paper.will_page_break(_HEADING + _begins(paper, following)):
            paper.add_page()  # a heading stays with what it is the heading of
        _part(paper, part, sides)
    return bytes(paper.output())


def _part(paper: _Paper, part: ReportPart, sides: Sequence[Side]) -> None:
    paper.set_text_color(INK.light)
    match part:
        case Heading(text, level):
            _heading(paper, text, level)
        case Words(text, code):
            paper.set_font(_FONT_NAME, size=7.5 if code else 9.5)
            paper.multi_cell(0, 4 if code else 5, text, align="L", new_x="LMARGIN", new_y="NEXT")
            paper.ln(2)
        case Table():
            _variants(paper, part, sides)
        case Frame():
            _frame(paper, part)
        case ReportPicture():
            _picture(paper, part, paper.epw)
        case Pictures(pictures):
            _beside(paper, pictures)
        case Maths(latex):
            _maths(paper, latex)


def _begins(paper: _Paper, part: ReportPart | None) -> float:
    """The height in mm that ``part`` needs on the page where it begins."""
    match part:
        case ReportPicture(svg, _):
            return _placed(svg, paper.epw, paper.eph - _BELOW_TITLE)[1] + 8
        case Pictures(pictures):
            return max(h for _, h in _row_of_pictures(paper, pictures)) + 8
        case Maths(latex):
            return _placed(maths_svg(latex), paper.epw, 60)[1] + 2
        case Table():
            return 30.0
        case _:
            return 16.0


def _heading(paper: _Paper, text: str, level: int) -> None:
    size = 20 if level == 1 else 13
    paper.ln(0 if level == 1 else 4)
    paper.set_font(_FONT_NAME, size=size)
    with paper.local_context(text_mode=TextMode.FILL_STROKE, line_width=size * 0.012, draw_color=INK.light):
        paper.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)


def _variants(paper: _Paper, part: Table, sides: Sequence[Side]) -> None:
    """A column a variant under its colour; values large with what stands below them in small, or all of one size in a quiet table."""
    name = 34.0
    width = (paper.epw - name) / len(sides)
    top = paper.get_y()
    bottoms = []
    for i, side in enumerate(sides):
        x = paper.l_margin + name + i * width
        paper.set_fill_color(variant_colour(side.colour))
        paper.rect(x, top, width - 3, 1, style="F")
        bottoms.append(_at(paper, x, top + 2, width - 3, [(side.title, 9, variant_colour(side.colour))]))
    paper.set_y(max(bottoms) + 1)
    large = 9 if part.quiet else 13 if len(sides) < 4 else 11.5
    for row in part.rows:
        if paper.will_page_break(14):
            paper.add_page()
        top = paper.get_y() + 1.2
        bottoms = [_at(paper, paper.l_margin, top, name - 2, [(row.name, 8.5, QUIET.light)])]
        for i, cell in enumerate(row.cells):
            texts = [(cell.text, large, INK.light), *([(cell.below, 7.5, QUIET.light)] if cell.below else [])]
            bottoms.append(_at(paper, paper.l_margin + name + i * width, top, width - 3, texts))
        paper.set_y(max(bottoms) + 1)
        paper.set_draw_color(_RULE)
        paper.line(paper.l_margin, paper.get_y(), paper.l_margin + paper.epw, paper.get_y())
    paper.ln(4)


def _at(paper: _Paper, x: float, y: float, width: float, texts: Sequence[tuple[str, float, str]]) -> float:
    """Lines of (text, size, colour) below each other; returns where they end."""
    paper.set_y(y)
    for text, size, colour in texts:
        paper.set_x(x)
        paper.set_font(_FONT_NAME, size=size)
        paper.set_text_color(colour)
        paper.multi_cell(width, size * 0.46, text, align="L", padding=0, new_x="LMARGIN", new_y="NEXT")
    end: float = paper.get_y()
    return end


def _frame(paper: _Paper, part: Frame) -> None:
    texts = [[str(c) for c in part.frame.columns], *([_unbroken(v) for v in row] for row in part.frame.itertuples(index=False))]
    paper.set_font(_FONT_NAME, size=6.5)
    widths = _widths(paper, texts)
    numeric = [part.frame[c].dtype.kind in "if" for c in part.frame.columns]
    aligns = tuple("RIGHT" if n else "LEFT" for n in numeric)
    paper.set_text_color(INK.light)
    paper.set_draw_color(_RULE)
    paper.set_fill_color("#FFFFFF")
    with paper.table(
        col_widths=widths, text_align=aligns, borders_layout="HORIZONTAL_LINES", line_height=3.4, headings_style=FontFace(color=QUIET.light)
    ) as table:
        for row in texts:
            made = table.row()
            for value in row:
                made.cell(value)
    paper.ln(3)


def _unbroken(value: object) -> str:
    """A cell's text; a number never breaks between its thousands."""
    text = cell_text(value)
    return "\u00a0".join(text.split()) if isinstance(value, (int, float)) else text


def _widths(paper: _Paper, texts: Sequence[Sequence[str]]) -> list[float]:
    """Widths of the columns, in mm: room for the longest word of each (a very long one breaks), the rest shared by who has more to say."""
    columns = list(zip(*texts, strict=True))
    least = [min(max(paper.get_string_width(word) for text in column for word in text.split(" ")), _WORD) + 3.4 for column in columns]
    wanted = [min(max(paper.get_string_width(text) for text in column) + 3.4, 60.0) for column in columns]
    spare = max(0.0, paper.epw - sum(least))
    short = sum(w - m for w, m in zip(wanted, least, strict=True)) or 1.0
    return [m + spare * (w - m) / short for w, m in zip(wanted, least, strict=True)]


# --- Pictures --------------------------------------------------------------------------------------


def _size(svg: str) -> tuple[float, float]:
    root = ElementTree.fromstring(svg)
    return float(root.get("width", "100")), float(root.get("height", "100"))


def _ours(svg: str) -> bytes:
    """The picture in the font of the file: the readers' own has no arrows."""
    svg = re.sub(r'font-size="([\d.]+)"', lambda m: f'font-size="{float(m[1]) * _NARROWER:.2f}"', svg)
    return re.sub(r'font-family="[^"]*"', f'font-family="{_FONT_NAME}"', svg).encode()


def _placed(svg: str, width: float, tallest: float) -> tuple[float, float]:
    """Width and height in mm: as wide as asked, as the screen shows it at most, no taller than the page."""
    w, h = _size(svg)
    scale = min(width / w, MM, tallest / h)
    return w * scale, h * scale


def _picture(paper: _Paper, part: ReportPicture, width: float) -> None:
    w, h = _placed(part.svg, width, paper.eph - _BELOW_TITLE)
    if paper.will_page_break(h + 8):
        paper.add_page()
    paper.image(io.BytesIO(_ours(part.svg)), x=paper.l_margin, y=paper.get_y(), w=w, h=h)
    paper.set_y(paper.get_y() + h + 1)
    _caption(paper, part.caption, paper.l_margin, paper.epw)
    paper.ln(2)


def _caption(paper: _Paper, text: str, x: float, width: float) -> None:
    paper.set_font(_FONT_NAME, size=8)
    paper.set_text_color(QUIET.light)
    paper.set_x(x)
    paper.multi_cell(width, 4, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _column(paper: _Paper, count: int) -> float:
    return (paper.epw - _GAP * (count - 1)) / count


def _row_of_pictures(paper: _Paper, pictures: Sequence[ReportPicture]) -> list[tuple[float, float]]:
    """Width and height, in mm, of each of several pictures in equal columns."""
    return [_placed(p.svg, _column(paper, len(pictures)), paper.eph - _BELOW_TITLE) for p in pictures]


def _beside(paper: _Paper, pictures: Sequence[ReportPicture]) -> None:
    """All pictures in a row of equal columns, under their captions, on a page of their own where this one is too short."""
    sizes = _row_of_pictures(paper, pictures)
    width = _column(paper, len(pictures))
    if paper.will_page_break(max(h for _, h in sizes) + 8):
        paper.add_page()
    top = paper.get_y()
    bottom = top
    for i, (picture, (w, h)) in enumerate(zip(pictures, sizes, strict=True)):
        x = paper.l_margin + i * (width + _GAP)
        paper.set_y(top)
        _caption(paper, picture.caption, x, width)
        paper.image(io.BytesIO(_ours(picture.svg)), x=x, y=top + 6, w=w, h=h)
        bottom = max(bottom, top + 6 + h)
    paper.set_y(bottom + 3)


def _maths(paper: _Paper, latex: str) -> None:
    """One line of mathematics. The formulas' font has no Chinese letters: such words are set beside the formula in the font of the text."""
    paper.set_font(_FONT_NAME, size=9.5)
    pieces = [piece for piece in _CHINESE_WORDS.split(latex) if piece.strip()]
    words = {piece: paper.get_string_width(piece) + 1 for piece in pieces if not piece.isascii()}
    pictures = {piece: maths_svg(piece) for piece in pieces if piece not in words}
    room = paper.epw - sum(words.values())
    sizes = {piece: _placed(svg, room / len(pictures), 60) for piece, svg in pictures.items()}
    high = max((h for _, h in sizes.values()), default=5.0)
    if paper.will_page_break(high + 2):
        paper.add_page()
    x, top = paper.l_margin, paper.get_y()
    for piece in pieces:
        if piece in words:
            paper.set_xy(x, top)
            paper.cell(words[piece], high, piece)
            x += words[piece]
        else:
            w, h = sizes[piece]
            paper.image(io.BytesIO(pictures[piece].encode()), x=x, y=top + (high - h) / 2, w=w, h=h)
            x += w
    paper.set_y(top + high + 1.5)
