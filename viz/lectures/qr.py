"""QR codes: a link as a square of dark and light modules (ISO/IEC 18004, byte mode, error correction level M, versions 1 to 10)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

#: By version from 1: error correction codewords in a block, and the data codewords of each block.
_BLOCKS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (10, (16,)), (16, (28,)), (26, (44,)), (18, (32,) * 2), (24, (43,) * 2), (16, (27,) * 4), (18, (31,) * 4), (22, (38, 38, 39, 39)), (22, (36,) * 3 + (37,) * 2),
    (26, (43,) * 4 + (44,)),
)  # fmt: skip
_ALIGNMENT: tuple[tuple[int, ...], ...] = ((), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46), (6, 28, 50))
_MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, _c: r % 2 == 0,
    lambda _r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)
Modules = list[list[bool]]


def qr_svg(text: str) -> str:
    """The code as an SVG image with its quiet zone, black on white whatever the theme. Raises ValueError for a text of more than 213 bytes."""
    modules = qr_modules(text)
    size = len(modules) + 8
    dark = "".join(f"M{c + 4} {r + 4}h1v1h-1z" for r, row in enumerate(modules) for c, on in enumerate(row) if on)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{dark}"/></svg>'


def qr_modules(text: str, mask: int | None = None) -> Modules:
    """The modules, True for dark; without ``mask`` the one with the lowest penalty is taken."""
    data = text.encode()
    version = next((v for v, (_, blocks) in enumerate(_BLOCKS, 1) if 8 * sum(blocks) >= 4 + _count_bits(v) + 8 * len(data)), None)
    if version is None:
        raise ValueError(f"a text of {len(data)} bytes does not fit into a QR code of version {len(_BLOCKS)}")
    bits = [bool(byte >> i & 1) for byte in _interleaved(_codewords(data, version), version) for i in range(7, -1, -1)]
    drawn = [_drawn(bits, version, number) for number in ([mask] if mask is not None else range(8))]
    return min(drawn, key=_penalty)


def _count_bits(version: int) -> int:
    return 8 if version < 10 else 16


def _codewords(data: bytes, version: int) -> bytes:
    room = sum(_BLOCKS[version - 1][1])
    count = _count_bits(version)
    value = (0b0100 << count | len(data)) << 8 * len(data) | int.from_bytes(data)
    length = 4 + count + 8 * len(data)
    end = min(4, 8 * room - length)
    end += -(length + end) % 8
    found = (value << end).to_bytes((length + end) // 8)
    return found + (b"\xec\x11" * room)[: room - len(found)]


# --- Error correction: Reed-Solomon over GF(256) -------------------------------------------------


def _times(a: int, b: int) -> int:
    product = 0
    for i in range(7, -1, -1):
        product = product << 1 ^ (product >> 7) * 0x11D
        product ^= (b >> i & 1) * a
    return product


@cache
def _generator(degree: int) -> tuple[int, ...]:
    found, root = [0] * (degree - 1) + [1], 1
    for _ in range(degree):
        found = [_times(v, root) ^ (found[i + 1] if i + 1 < degree else 0) for i, v in enumerate(found)]
        root = _times(root, 2)
    return tuple(found)


def _correction(block: bytes, degree: int) -> bytes:
    rest = [0] * degree
    for byte in block:
        factor = byte ^ rest.pop(0)
        rest.append(0)
        rest = [v ^ _times(g, factor) for v, g in zip(rest, _generator(degree), strict=True)]
    return bytes(rest)


def _interleaved(codewords: bytes, version: int) -> list[int]:
    degree, sizes = _BLOCKS[version - 1]
    blocks, start = [], 0
    for size in sizes:
        blocks.append(codewords[start : start + size])
        start += size
    checks = [_correction(block, degree) for block in blocks]
    return [block[i] for i in range(max(sizes)) for block in blocks if i < len(block)] + [check[i] for i in range(degree) for check in checks]


# --- Drawing --------------------------------------------------------------------------------------


def _drawn(bits: list[bool], version: int, mask: int) -> Modules:
    fixed = _fixed(version, mask)
    size = 17 + 4 * version
    modules = [[bool(fixed.get((r, c))) for c in range(size)] for r in range(size)]
    for n, (r, c) in enumerate(_path(size, fixed)):
        modules[r][c] = (bits[n] if n < len(bits) else False) ^ _MASKS[mask](r, c)
    return modules


def _path(size: int, fixed: dict[tuple[int, int], bool]) -> Iterator[tuple[int, int]]:
    """Free modules in the order of the data: pairs of columns from the right, up and down in turn, leaving out the timing column."""
    for turn, right in enumerate([*range(size - 1, 6, -2), *range(5, 0, -2)]):
        for step in range(size):
            r = size - 1 - step if turn % 2 == 0 else step
            yield from ((r, c) for c in (right, right - 1) if (r, c) not in fixed)


def _fixed(version: int, mask: int) -> dict[tuple[int, int], bool]:
    """The modules that hold no data: finders, timing, alignment, format and version."""
    size = 17 + 4 * version
    found: dict[tuple[int, int], bool] = {}
    for i in range(size):
        found[6, i] = found[i, 6] = i % 2 == 0
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        for r in range(max(top - 1, 0), min(top + 8, size)):
            for c in range(max(left - 1, 0), min(left + 8, size)):
                found[r, c] = max(abs(r - top - 3), abs(c - left - 3)) in (0, 1, 3)
    places = _ALIGNMENT[version - 1]
    for y in places:
        for x in places:
            if (y, x) not in ((6, 6), (6, places[-1]), (places[-1], 6)):
                found |= {(y + r, x + c): max(abs(r), abs(c)) != 1 for r in range(-2, 3) for c in range(-2, 3)}
    said = _with_remainder(mask, 10, 0x537) ^ 0x5412  # level M is 00
    for i in range(15):
        on = bool(said >> i & 1)
        found[i + (i > 5) if i < 8 else size - 15 + i, 8] = on
        found[8, size - 1 - i if i < 8 else 15 - i - (i > 8)] = on
    found[size - 8, 8] = True
    if version >= 7:
        said = _with_remainder(version, 12, 0x1F25)
        for i in range(18):
            found[i // 3, size - 11 + i % 3] = found[size - 11 + i % 3, i // 3] = bool(said >> i & 1)
    return found


def _with_remainder(value: int, bits: int, generator: int) -> int:
    rest = value
    for _ in range(bits):
        rest = rest << 1 ^ (rest >> (bits - 1)) * generator
    return value << bits | rest


def _penalty(modules: Modules) -> int:
    """Runs of five or more, squares of one colour, and a share of dark modules far from a half: what makes a code hard to read."""
    size = len(modules)
    found = 10 * int(abs(20 * sum(map(sum, modules)) / size**2 - 10))
    for lines in (modules, [list(column) for column in zip(*modules, strict=True)]):
        for line in lines:
            run = 1
            for before, after in zip(line, [*line[1:], None], strict=True):
                if before == after:
                    run += 1
                else:
                    found += run - 2 if run >= 5 else 0
                    run = 1
    squares = (modules[r][c] == modules[r][c + 1] == modules[r + 1][c] == modules[r + 1][c + 1] for r in range(size - 1) for c in range(size - 1))
    return found + 3 * sum(squares)
