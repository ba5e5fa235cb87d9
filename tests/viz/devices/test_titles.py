"""Short titles of devices: the shortest beginning that no other has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from blocks.latency.devices.asked import device_slugs
from viz.devices.titles import short_titles


def test_what_tells_devices_apart_stays() -> None:
    names = ["Pi 5 BCM2712, A76 (2.4GHz x 4)", "Pi 5 BCM2712, VideoCore (1 GHz)", "Mac Pro (15-inch, 2019) - i7", "Mac Pro (13-inch, M1)", "Galaxy S24"]
    assert list(short_titles(names).values()) == [
        "Galaxy S24",
        "Pi 5 BCM2712, A76",
        "Pi 5 BCM2712, VideoCore",
        "Mac Pro (15-inch, 2019)",
        "Mac Pro (13-inch, M1)",
    ]


def test_every_published_device_has_a_title_of_its_own_and_few_are_long() -> None:
    names = list(device_slugs().values())
    titles = short_titles(names)
    assert set(titles) == set(names)
    assert len(set(titles.values())) == len(names)
    assert sum(len(title) > 60 for title in titles.values()) <= 4


@given(st.lists(st.text("ab (),-", min_size=1, max_size=8), unique=True, max_size=6))
def test_no_two_names_share_a_title(names: list[str]) -> None:
    titles = short_titles(names)
    assert set(titles) == set(names)
    assert all(title in name for name, title in titles.items())
