"""A scene as a PDF file: vector paths, and text in the standard fonts that every reader has. One page of the picture's size."""

from __future__ import annotations

import zlib

from viz.graph.metrics import text_width
from viz.graph.outlines import Path
from viz.graph.scene import PathShape, Scene, TextShape
from viz.graph.style import FileStyle, Paint, paint_of, weight_of

_MAX_PAGE = 14_400.0  # points; readers accept no larger page, so a larger picture is scaled down
_OPERATORS = {"M": "m", "L": "l", "C": "c"}
_ARROW = "→"  # not in the standard text fonts, but in Symbol


def pdf(scene: Scene, dark: bool = False, fills: dict[str, str] | None = None) -> bytes:
    """The picture of ``scene``; ``fills`` (item id to #rrggbb) replace the colours by kind.

    Letters outside Windows-1252, which the standard fonts lack, become "?".
    """
    style = FileStyle(dark, fills or {})
    scale = min(1.0, _MAX_PAGE / max(scene.width, scene.height, 1.0))
    width, height = scene.width * scale, scene.height * scale
    lines = [f"{_rgb(style.ground)} rg 0 0 {width:.1f} {height:.1f} re f", f"{scale:.5f} 0 0 {-scale:.5f} 0 {height:.2f} cm", "1 j 1 J"]
    for part in scene.parts():
        for shape in part.shapes:
            paint = paint_of(shape.style, part, style)
            lines.append(_path(shape, paint) if isinstance(shape, PathShape) else _text(shape, paint))
    return _file("\n".join(filter(None, lines)).encode("latin-1"), width, height)


def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[i : i + 2], 16) / 255:.3f}" for i in (1, 3, 5))


def _path(line: PathShape, paint: Paint) -> str:
    filled, stroked = paint.fill != "none", paint.stroke != "none"
    if not filled and not stroked:
        return ""
    colours = ([f"{_rgb(paint.fill)} rg"] if filled else []) + ([f"{_rgb(paint.stroke)} RG {paint.width:g} w [{paint.dash}] 0 d"] if stroked else [])
    return " ".join([*colours, _steps(line.path), "B" if filled and stroked else "f" if filled else "S"])


def _steps(path: Path) -> str:
    return " ".join("h" if step[0] == "Z" else " ".join(f"{x:.2f} {y:.2f}" for x, y in step[1:]) + f" {_OPERATORS[step[0]]}" for step in path)


def _text(text: TextShape, paint: Paint) -> str:
    bold = weight_of(text.style) > 400
    size = paint.size
    x = text.x - text_width(text.text, size, bold) * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
    shown = []
    for i, run in enumerate(text.text.split(_ARROW)):
        if i:
            shown.append(f"/S {size:g} Tf <AE> Tj")
        if run:
            shown.append(f"/{'B' if bold else 'F'} {size:g} Tf <{run.encode('cp1252', 'replace').hex().upper()}> Tj")
    # The picture's axis points down, text's must point up: hence the -1.
    return f"BT {_rgb(paint.fill)} rg 1 0 0 -1 {x:.2f} {text.y:.2f} Tm {' '.join(shown)} ET"


def _file(content: bytes, width: float, height: float) -> bytes:
    packed = zlib.compress(content)
    fonts = {"F": "Helvetica /Encoding /WinAnsiEncoding", "B": "Helvetica-Bold /Encoding /WinAnsiEncoding", "S": "Symbol"}
    named = " ".join(f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{font} >>" for name, font in fonts.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2f} {height:.2f}] /Contents 4 0 R /Resources << /Font << {named} >> >> >>".encode(),
        f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode() + packed + b"\nendstream",
    ]
    made = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(made)
