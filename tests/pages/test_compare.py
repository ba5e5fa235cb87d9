"""The Compare page: what it opens on, what can be done with a variant, what a link restores and what a broken one says."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from blocks.catalog.opened import announce
from blocks.extras import EXTRAS
from viz.kit.choice import Choice
from viz.kit.links import compare_link, read_variants

PAGES = Path(__file__).resolve().parents[2] / "pages"


def opened(*variants: dict[str, str] | str, page: str = "compare") -> AppTest:
    at = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=240)
    if variants:
        at.query_params["v"] = [v if isinstance(v, str) else urlencode(v) for v in variants]
    return at.run()


def said(at: AppTest) -> str:
    """Everything that the page shows as text or HTML."""
    html = [str(block.proto.body) for block in at.get("html")]
    return "\n".join([*html, *(m.value for m in at.markdown), *(c.value for c in at.caption)])


def address(at: AppTest) -> list[str]:
    found = at.query_params["v"]
    return list(found) if isinstance(found, list) else [found]


def press(at: AppTest, key: str) -> AppTest:
    return next(b for b in at.button if b.key == key).click().run()


def cards(at: AppTest) -> list[str]:
    return [m.value for m in at.markdown if m.value.startswith("**") and " · " in m.value]


def test_it_opens_on_the_mobilenet_question() -> None:
    at = opened()
    assert not at.exception
    assert not at.error
    text = said(at)
    for figure in ("29.28 M", "4.232 M", "4.867 G", "568.7 M"):
        assert figure in text
    assert r"\frac{1}{N} + \frac{1}{D_{K}^{2}} = 0.1189" in text
    assert [v.split("&")[0] for v in address(at)] == ["net=mobilenet_v1_standard", "net=mobilenet_v1"]


def test_se_ratios_share_everything_but_the_se_modules() -> None:
    at = opened(*({"net": "resnet50", "se_ratio": str(r)} for r in (4, 8, 16, 32)))
    assert not at.exception
    assert [card for card in cards(at) if "r=" in card.replace("\\", "")]
    for figure in ("35.64 M", "30.60 M", "28.09 M", "26.83 M"):
        assert figure in said(at)
    assert "48 changed, 225 equal" in said(at)


def test_a_network_without_knobs_stands_beside_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_OPENED", "{}")
    (tmp_path / "own.py").write_text(
        "from torch import nn\n\nclass Own(nn.Sequential):\n    def __init__(self):\n        super().__init__(nn.Conv2d(3, 7, 5))\n"
    )
    announce([f"{tmp_path / 'own.py'}:Own@1,3,20,24"])
    at = opened({"net": "file:Own"}, {"net": "resnet18"})
    assert not at.exception
    assert not at.error
    assert "532" in said(at)


def test_one_variant_is_shown_alone() -> None:
    at = opened({"net": "resnet18"})
    assert not at.exception
    assert "11.69 M" in said(at)


@pytest.mark.parametrize(("variants", "sentence"), [
    ([{"net": "resnet5O"}, {"net": "resnet18"}], "Variant 1: name = 'resnet5O': is not in the catalog"),
    ([{"net": "resnet18"}, {"net": "resnet18", "se_ration": "4"}], "Variant 2: se_ration = '4'"),
    ([{"net": "resnet18"}, {"net": "resnet18", "se_ratio": "many"}], "Variant 2: se_ratio = 'many': must be a whole number"),
    ([{"net": "resnet18"}, {"net": "resnet18", "batch": "0"}], "Variant 2: batch = '0'"),
    (["nothing at all", {"net": "resnet18"}], "Variant 1: net = 'nothing at all'"),
    ([{"net": "resnet18"}, {"net": "resnet18", "label": "x" * 3000}], "Variant 2: its part of the link has 3,0"),
    ([{"net": "resnet18"}] * 8, "The link has 8 variants; the first 6 are shown"),
    ([{"net": "shuffle_unit", "groups": "7"}, {"net": "resnet18"}], "Variant 1 (A): groups = 7: must divide"),
    ([{"net": "alexnet", "side": "20"}, {"net": "resnet18"}], "Variant 1 (A): features.3"),
])  # fmt: skip
def test_a_broken_link_says_what_was_wrong_and_shows_the_rest(variants: list[dict[str, str] | str], sentence: str) -> None:
    at = opened(*variants)
    assert not at.exception
    assert any(sentence in e.value for e in at.error), [e.value for e in at.error]
    assert "11.69 M" in said(at)


def test_nothing_left_of_a_link_invites_to_add() -> None:
    at = opened("%%%", {"net": "?"})
    assert not at.exception
    assert len(at.error) == 2
    assert "Add two to six networks" in at.info[0].value


def test_variants_move_go_and_are_named() -> None:
    at = opened({"net": "resnet18", "label": "small"}, {"net": "resnet34"}, {"net": "resnet50"})
    press(at, "right-1")
    assert [v.split("&")[0] for v in address(at)] == ["net=resnet34", "net=resnet18", "net=resnet50"]
    assert [read_variants(address(at))[0][i].colour for i in range(3)] == [1, 0, 2]  # each keeps its colour
    press(at, "remove-2")
    assert [v.split("&")[0] for v in address(at)] == ["net=resnet18", "net=resnet50"]
    next(t for t in at.text_input if t.key == "v3.0._label").set_value("the big one").run()
    assert "label=the+big+one" in address(at)[1]
    assert any("the big one" in card for card in cards(at))


def test_a_knob_turns_in_place_and_bad_values_leave_the_last_good_picture() -> None:
    at = opened({"net": "shuffle_unit"}, {"net": "shuffle_unit", "groups": "2"})
    good = said(at)
    field = next(w for w in [*at.number_input, *at.slider] if w.key == "v1.0.groups")
    field.set_value(7).run()
    assert not at.exception
    assert any("must divide" in e.value for e in at.error)
    assert next(line for line in good.splitlines() if "Parameters" in line) in said(at)
    next(w for w in [*at.number_input, *at.slider] if w.key == "v1.0.groups").set_value(4).run()
    assert not at.error
    assert "groups=4" in address(at)[0]


def test_a_copy_with_one_knob_changed() -> None:
    at = opened({"net": "bottleneck"}, {"net": "basic_block"})
    next(s for s in at.selectbox if s.key == "d1.2.which").set_value("se_ratio").run()
    next(w for w in at.segmented_control if w.key == "d1.2.se_ratio").set_value(8).run()
    press(at, "d1.2.add")
    assert not at.exception
    assert address(at) == ["net=bottleneck", "net=bottleneck&se_ratio=8&_c=2", "net=basic_block&_c=1"]


def test_what_is_as_published_can_be_had_again() -> None:
    at = opened({"net": "resnet18", "se_ratio": "4", "side": "64"})
    press(at, "v1.0._reset")
    assert address(at) == ["net=resnet18"]


def test_a_link_is_its_own_round_trip() -> None:
    variants = [Choice("resnet50", {"se_ratio": 16}, side=192, batch=2, dtype="bfloat16"), Choice("bottleneck", {"c_in": 64}), Choice("vgg11", training=True)]
    texts = [value for _, value in compare_link(variants).query]
    found, problems = read_variants(texts)
    assert problems == []
    assert [v.choice for v in found] == variants
    at = opened(*texts)
    assert not at.error
    assert address(at) == texts


def test_explore_adds_with_one_click_and_the_comparison_holds_six() -> None:
    at = opened(page="explore")
    for number in (1, 2, 3, 4, 5, 6):
        press(at, "basket.add")
        assert not at.exception
        assert f"Compare {number}" in " ".join([m.value for m in at.markdown] + [str(x.proto) for x in at.get("page_link")])
    assert next(b for b in at.button if b.key == "basket.add").disabled


def test_a_report_without_its_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "report", {"no_such_module": "fpdf2"})
    at = opened({"net": "squeeze_excitation"}, {"net": "squeeze_excitation", "se_ratio": "4"})
    assert not at.exception
    assert "A report of this comparison needs fpdf2, not installed here: pip install fpdf2." in said(at)
    assert not [b for b in at.get("download_button") if b.label.startswith("Report")]


def test_at_six_networks_the_page_says_why_none_can_be_added() -> None:
    six, five = (opened(*({"net": "resnet18", "width_mult": str(w / 10)} for w in range(1, n))) for n in (7, 6))
    assert "The comparison holds 6 networks, the most that fit; take one off to add another." in said(six)
    assert "the most that fit" not in said(five)
