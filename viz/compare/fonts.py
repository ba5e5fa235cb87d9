"""Fonts of the PDF report: where the system keeps one with Chinese letters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Font(NamedTuple):
    """A font file, and which of the fonts in it where it is a collection."""

    path: Path
    number: int = 0


#: Files by name, with the simplified Chinese font's number in a collection, in the order of preference: Linux (packages fonts-noto-cjk and fonts-wqy), Windows, macOS.
_KNOWN = (
    Font(Path("NotoSansCJK-Regular.ttc"), 2),
    Font(Path("NotoSansCJKsc-Regular.otf")),
    Font(Path("NotoSansSC-Regular.otf")),
    Font(Path("SourceHanSansSC-Regular.otf")),
    Font(Path("SourceHanSansCN-Regular.otf")),
    Font(Path("wqy-zenhei.ttc")),
    Font(Path("wqy-microhei.ttc")),
    Font(Path("DroidSansFallbackFull.ttf")),
    Font(Path("msyh.ttc")),
    Font(Path("simhei.ttf")),
    Font(Path("STHeiti Light.ttc"), 1),
    Font(Path("Arial Unicode.ttf")),
)


def font_folders() -> list[Path]:
    """Where systems keep fonts, for everybody and for this user."""
    home = Path.home()
    windows = Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    return [
        Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", home / ".local/share/fonts", windows,
        Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts",
    ]  # fmt: skip


@cache
def chinese_font() -> Font | None:
    """The first known font with Chinese letters that this system has; None without one."""
    return find_font(font_folders())


def find_font(folders: list[Path]) -> Font | None:
    """The best known font with Chinese letters below these folders."""
    files = {path.name.lower(): path for path in _files(folders)}
    return next((Font(files[font.path.name.lower()], font.number) for font in _KNOWN if font.path.name.lower() in files), None)


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for where, _, names in os.walk(folder):
            yield from (Path(where) / name for name in names if name.lower().endswith((".ttf", ".ttc", ".otf")))
