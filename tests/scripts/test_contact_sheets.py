"""Pictures on a contact sheet."""

from __future__ import annotations

import pytest
from PIL import Image

from scripts.contact_sheets import sheet


def test_pictures_stand_in_rows_and_wide_ones_are_made_smaller() -> None:
    made = sheet([Image.new("RGB", size, colour) for size, colour in (((1280, 720), "red"), ((1920, 1080), "lime"), ((820, 1180), "blue"))])
    assert made.size == (2 * 1280 + 3 * 16, 720 + 1180 + 3 * 16)
    assert [made.getpixel(at) for at in ((20, 20), (2570, 730), (20, 760), (900, 760))] == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (127, 127, 127)]


def test_without_pictures_there_is_no_sheet() -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        sheet([])
