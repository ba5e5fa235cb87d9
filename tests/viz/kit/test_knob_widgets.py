"""The widgets that knobs become."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from blocks import catalog
from viz.kit.knob_widgets import main_first


def slider_page(name: str) -> None:
    import streamlit as st

    from blocks import catalog
    from viz.kit.knob_widgets import knob_panel

    settings = {k.name: k.default if k.default is not None else k.low for k in catalog.knobs(name)}
    st.json({k: v for k, v in knob_panel(catalog.knobs(name), settings, "w.")[0].items() if isinstance(v, (int, float))})


@pytest.mark.parametrize("name", ["resnet50", "efficientnet_b0", "squeezenet1_0", "cspresnet50", "vit_b_16", "shift_module"])
def test_a_slider_stops_at_the_published_value(name):
    at = AppTest.from_function(slider_page, args=(name,), default_timeout=240).run()
    assert not at.exception
    assert at.slider
    known = {k.name: k for k in catalog.knobs(name)}
    for slider in at.slider:
        knob = known[slider.key.removeprefix("w.")]
        if knob.default is not None:
            steps = (knob.default - slider.min) / slider.step
            assert steps == pytest.approx(round(steps), abs=1e-6), knob.name
            assert slider.min <= knob.default <= slider.max
        assert slider.min >= (knob.low or 0)
        knob.check(slider.min if knob.kind == "float" else int(slider.min))


def test_main_knobs_come_first_and_a_block_of_few_knobs_has_no_others() -> None:
    main, others = main_first(catalog.knobs("resnet50"))
    assert [k.name for k in main[:5]] == ["kernel_size", "groups", "width_per_group", "se_ratio", "width_mult"]
    assert {k.name for k in (*main, *others)} == {k.name for k in catalog.knobs("resnet50")}
    assert not {k.name for k in main} & {k.name for k in others}
    for name in catalog.names():
        main, others = main_first(catalog.knobs(name))
        assert len(main) + len(others) == len(catalog.knobs(name))
        assert not others or len(others) > 4


def turned_page() -> None:
    import streamlit as st

    from blocks import catalog
    from viz.kit.knob_widgets import knob_widget

    knob = next(k for k in catalog.knobs("resnet50") if k.name == "kernel_size")
    st.session_state["now"] = knob_widget(knob, st.session_state.get("now", 17), "w.kernel_size")


def test_a_number_field_stays_one_while_it_is_turned() -> None:
    at = AppTest.from_function(turned_page, default_timeout=240).run()
    assert [n.value for n in at.number_input] == [17]  # beyond what a slider shows
    at.number_input[0].set_value(5).run().run()
    assert ([n.value for n in at.number_input], len(at.slider)) == ([5], 0)


def offering_page(value: int) -> None:
    import streamlit as st

    from blocks import catalog
    from viz.kit.knob_widgets import knob_widget

    knob = next(k for k in catalog.knobs("resnet50") if k.name == "se_ratio")
    st.session_state["now"] = knob_widget(knob, value, "w.se_ratio")


@pytest.mark.parametrize(("value", "offered"), [(0, ["off", "2", "4", "8", "16", "32"]), (3, ["off", "2", "3", "4", "8", "16", "32"])])
def test_the_se_ratio_offers_the_usual_values_and_what_a_link_gave(value: int, offered: list[str]) -> None:
    at = AppTest.from_function(offering_page, args=(value,), default_timeout=240).run()
    assert not at.exception
    assert at.segmented_control[0].options == offered
    assert at.session_state["now"] == value
    at.segmented_control[0].set_value(16).run()
    assert at.session_state["now"] == 16
    assert at.segmented_control[0].options == offered  # what is offered does not change while it is turned
