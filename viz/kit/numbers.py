"""Numbers as they are read: thousands as k, M and G with a unit, the exact figure beside it."""

from __future__ import annotations

from collections.abc import Callable

_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_BYTES = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def short(value: float, unit: str = "", digits: int = 4) -> str:
    """25 557 032 as "25.56 M"; small whole numbers as they are."""
    for scale, letter in _STEPS:
        if abs(value) >= scale:
            return f"{significant(value / scale, digits)} {letter}{unit}"
    text = f"{value:d}" if isinstance(value, int) else significant(value, digits)
    return f"{text} {unit}".strip()


def significant(value: float, digits: int) -> str:
    """``value`` with that many digits that count, and no exponent."""
    whole = len(str(int(abs(value))))
    return f"{value:.{max(0, digits - whole)}f}"


def memory(value: float, digits: int = 3) -> str:
    """Bytes in KiB, MiB, GiB."""
    for scale, unit in _BYTES:
        if abs(value) >= scale:
            return f"{significant(value / scale, digits)} {unit}"
    return f"{value:.0f} B"


def all_digits(value: float) -> str:
    """All digits, with thin spaces between thousands."""
    return f"{value:,.0f}".replace(",", " ") if float(value).is_integer() else f"{value:,.6g}".replace(",", " ")


def change_text(value: float, base: float, form: Callable[[float], str] = short) -> str | None:
    """The difference to ``base`` with its share, such as "+2.53 M (+9.9 %)", or its factor where it more than doubles; None where nothing changed."""
    if value == base:
        return None
    share = f" ({relative(value / base)})" if base else ""
    return f"{'+' if value > base else '−'}{form(abs(value - base))}{share}"


def relative(ratio: float) -> str:
    """A change by ``ratio``: "+9.9 %", "−50 %", and "×26" where a figure more than doubles."""
    if ratio > 2:
        return f"×{ratio:.3g}"
    return f"{'+' if ratio > 1 else '−'}{abs(ratio - 1) * 100:.3g} %"
