"""Names of classes as the catalog writes them, and as titles."""

from __future__ import annotations

import pytest

from blocks.catalog.naming import snake_case, spaced


@pytest.mark.parametrize(
    ("cls", "name", "title"),
    [
        ("InvertedResidual", "inverted_residual", "Inverted Residual"),
        ("SEBottleneck", "se_bottleneck", "SE Bottleneck"),
        ("MobileNetV3Block", "mobile_net_v3_block", "MobileNetV3 Block"),
        ("ResNeXtPaths", "res_ne_xt_paths", "ResNeXt Paths"),
    ],
)
def test_a_class_has_a_name_and_a_title(cls: str, name: str, title: str) -> None:
    assert (snake_case(cls), spaced(cls)) == (name, title)
