"""A thousand random steps of a user through the pages' own addresses: nothing is lost, and address and page always agree.

The steps run on the state of the pages, without their pictures: what is opened, turned, left and come back to is read and written by the same code.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from blocks import catalog
from blocks.latency.devices.asked import device_slugs, runs_of
from blocks.latency.roofline.known_machines import all_machines
from blocks.space.axes import axes
from viz.atlas.address import ATLAS
from viz.devices.address import DEVICE_VIEWS, DEVICES, DevicesState
from viz.explore.address import SETTINGS, ExploreState
from viz.explore.session import EXPLORE
from viz.kit import address, address_bar, choice
from viz.kit.address import Address, Query, addresses_left, remember_left
from viz.kit.board import Board, with_knobs
from viz.kit.board_session import COMPARE, add_to_board, session_board
from viz.kit.choice import Choice
from viz.kit.figures import CHART_FIGURES
from viz.latency.address import LATENCY, SECTIONS
from viz.lectures import course
from viz.lectures.address import LECTURES, LecturePosition
from viz.scaling.address import SCALING, SCALING_VIEWS, ScalingState, first_axis
from viz.space.address import DESIGN, fresh

APP = Path(__file__).resolve().parents[2] / "app.py"
NETWORKS = ("resnet50", "mobilenet_v2", "resnet18", "squeezenet1_1", "vgg11", "inverted_residual", "shufflenet_v2_x1_0")
PAGES: tuple[Address[Any], ...] = (ATLAS, EXPLORE, COMPARE, SCALING, DESIGN, LATENCY, DEVICES, LECTURES)


@dataclass
class Browser:
    """One tab: its history, its session's state on the server, and what the tab keeps when it is reloaded."""

    session: dict[str, Any] = field(default_factory=dict)
    entries: list[tuple[Address[Any], Query]] = field(default_factory=list)
    place: int = -1
    kept: dict[str, Query] = field(default_factory=dict)
    asked: Query = ()
    back: bool = False

    @property
    def page(self) -> Address[Any]:
        return self.entries[self.place][0]

    @property
    def query(self) -> Query:
        return self.entries[self.place][1]

    def push(self, query: Query) -> None:
        """Streamlit's order: a further entry of this page, none where the address has these parameters."""
        self.asked = query
        if query != self.query:
            self.entries[self.place + 1 :] = [(self.page, query)]
            self.place += 1

    def settle(self, query: Query) -> None:
        self.asked = query
        self.entries[self.place] = (self.page, query)

    def run(self, page: Address[Any], query: Query, turn: Callable[[Any], Any] = lambda state: state, *, back: bool = False) -> Any:
        """One run of a page's script that was asked with ``query``, in which the user's ``turn`` takes effect."""
        self.asked, self.back = query, back
        saved = page.open()
        state = turn(saved.state)
        page.save(state)
        self.kept |= addresses_left()
        return state

    def opens(self, page: Address[Any], query: Query = ()) -> Any:
        """By the top bar, or by a link with a ``query``."""
        if page is self.page:
            return self.run(page, query or self.query)
        self.entries[self.place + 1 :] = [(page, query)]
        self.place += 1
        return self.run(page, query)

    def goes(self, by: int) -> Any:
        self.place = min(max(self.place + by, 0), len(self.entries) - 1)
        return self.run(self.page, self.query, back=True)

    def reloads(self) -> Any:
        self.session.clear()
        state = self.run(self.page, self.query)
        remember_left({page: query for page, query in self.kept.items() if page not in addresses_left()})
        return state


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A tab at the Atlas, in the place of Streamlit's session and address."""
    tab = Browser(entries=[(ATLAS, ())], place=0)
    for module in (address, address_bar):
        monkeypatch.setattr(module.st, "session_state", tab.session)
    monkeypatch.setattr(address, "current_query", lambda: tab.asked)
    monkeypatch.setattr(address, "by_history", lambda: tab.back)
    monkeypatch.setattr(address, "by_link", lambda: False)
    monkeypatch.setattr(address, "push", tab.push)
    monkeypatch.setattr(address, "settle_silently", tab.settle)
    monkeypatch.setattr(address, "show_entry", lambda *_: None)
    tab.run(ATLAS, ())
    return tab


# --- What a user turns on each page ----------------------------------------------------------------


def a_choice(now: Choice, chance: random.Random) -> Choice:
    """Another network, another knob or another input."""
    way = chance.random()
    if way < 0.2:
        return Choice(chance.choice(NETWORKS))
    if way < 0.4:
        return replace(now, batch=chance.randint(1, 9))
    numbers = [
        k
        for k in catalog.knobs(now.name)
        if k.kind in ("int", "float") and k.step and k.name in ("expansion", "num_classes", "width_mult", "se_ratio", "c_out")
    ]
    knob = chance.choice(numbers)
    return with_knobs(now, **{knob.name: type(knob.default)(knob.default + knob.step * chance.randint(0, 3))})


def turn_explore(state: ExploreState, chance: random.Random) -> ExploreState:
    if chance.random() < 0.3:
        name = chance.choice(list(SETTINGS))
        value = chance.choice(SETTINGS[name])
        others = {k: v for k, v in state.view.settings.items() if k != name}
        return replace(state, view=replace(state.view, settings=others if value == SETTINGS[name][0] else {**others, name: value}))
    return replace(state, choice=a_choice(state.choice, chance))


def turn_scaling(state: ScalingState, chance: random.Random) -> ScalingState:
    if chance.random() < 0.3:
        name = chance.choice(NETWORKS)
        return ScalingState(Choice(name), along=first_axis(name), of=state.of, machine=state.machine)
    along = [a.name for a in axes(state.choice.name) if a.numeric]
    return replace(
        state, view=chance.choice(list(SCALING_VIEWS)), of=chance.choice(list(CHART_FIGURES)), along=chance.choice(along), log=chance.random() < 0.5,
        abc=(1.2, 1.1, chance.choice((1.15, 1.3))), low=chance.choice((None, 1.25)),
    )  # fmt: skip


def turn_design(state: Any, chance: random.Random) -> Any:
    if chance.random() < 0.3:
        return replace(fresh(chance.choice(NETWORKS)), how=state.how, n=state.n, machine=state.machine)
    budgets = {name: float(chance.randint(1, 10**9)) for name in chance.sample(["macs", "params", "flops"], chance.randint(0, 3))}
    return replace(state, budgets=budgets, n=chance.randint(1, 900), seed=chance.randint(0, 9), machine=chance.choice(["", all_machines()[0].name]))


def turn_board(board: Board, chance: random.Random) -> None:
    if len(board.slots) > 1 and chance.random() < 0.4:
        board.remove(chance.choice(board.slots))
    elif not board.full and chance.random() < 0.5:
        board.add(Choice(chance.choice(NETWORKS)), chance.choice(["", "mine"]))
    elif board.slots:
        slot = chance.choice(board.slots)
        slot.choice = a_choice(slot.choice, chance)


def turn_compare(board: Board, chance: random.Random) -> Board:
    turn_board(board, chance)
    return board


def turn_latency(state: Any, chance: random.Random) -> Any:
    if chance.random() < 0.5:
        turn_board(state.board, chance)
    else:
        state.section = chance.choice(list(SECTIONS))
        state.conditions = replace(state.conditions, threads=chance.randint(0, 4), mode=chance.choice(["own", "forward"]))
    return state


def turn_devices(state: DevicesState, chance: random.Random) -> DevicesState:
    if chance.random() < 0.3:
        return replace(state, choice=Choice(chance.choice(NETWORKS)))
    device = chance.choice(list(device_slugs().values()))
    return replace(
        state,
        view=chance.choice(list(DEVICE_VIEWS)),
        device=device,
        run=chance.choice(runs_of(device)),
        times=chance.choice(("", "resnet50 80\nvgg16 300")),
        find=chance.choice(("", "pi")),
        sheet=chance.choice((state.sheet, "float16=71,float32=35.6,bandwidth=936")),
    )


def turn_lectures(state: LecturePosition, chance: random.Random) -> LecturePosition:
    lecture = chance.choice([None, *course.lectures("en")])
    if lecture is None:
        return LecturePosition(state.language)
    return LecturePosition(state.language, lecture, chance.randint(1, len(lecture.steps)), notes=chance.random() < 0.3)


TURNS: dict[str, Callable[[Any, random.Random], Any]] = {
    ATLAS.page: lambda state, chance: replace(state, family=chance.choice(["", "resnet", "vgg"]), find=chance.choice(["", "shuffle", "He 2016"])),
    EXPLORE.page: turn_explore, COMPARE.page: turn_compare, SCALING.page: turn_scaling, DESIGN.page: turn_design, LATENCY.page: turn_latency,
    DEVICES.page: turn_devices, LECTURES.page: turn_lectures,
}  # fmt: skip


# --- The walk ------------------------------------------------------------------------------------------


@dataclass
class Memory:
    """What a user expects: how each page was left, and the network looked at last. Kept apart from the app's own memory."""

    left: dict[str, Query] = field(default_factory=dict)
    network: Choice | None = None

    def note(self, tab: Browser, state: Any, before: Choice | None) -> None:
        now = tab.page.network(state)
        if now is not None and now != before:
            self.network = now
        self.left[tab.page.page] = tab.query


def agree(tab: Browser, state: Any) -> None:
    """The address says exactly what the page shows, and reads back to it."""
    read, problems = tab.page.read(tab.query)
    assert problems == []
    assert tab.page.write(read) == tab.page.write(state)


def came_back(tab: Browser, state: Any, memory: Memory) -> None:
    """A page that was open before is as it was left; where it is about one network, it is the one looked at last."""
    page, network = tab.page, tab.page.network(state)
    left = page.read(memory.left[page.page])[0]
    if memory.network is not None and choice.can_run(memory.network):
        assert network in (None, memory.network)
        left = page.follow(left, memory.network)
    assert page.write(left) == tab.query


def step(tab: Browser, memory: Memory, chance: random.Random) -> Any:
    way, page = chance.random(), tab.page
    before = page.network(page.read(tab.query)[0])
    if way < 0.25:
        state = tab.opens(other := chance.choice([p for p in PAGES if p is not page]))
        if other.page in memory.left:
            came_back(tab, state, memory)
        before = tab.page.network(state)
    elif way < 0.3:
        state, before = tab.opens(EXPLORE, EXPLORE.write(ExploreState(Choice(chance.choice(NETWORKS))))), None
    elif way < 0.45:
        kept = list(tab.entries)
        state = tab.goes(chance.choice([-1, -1, -2, 1]))
        assert tab.entries == kept  # every entry is as it was, the one that was gone to as well
        before = None
    elif way < 0.5:
        state, before = tab.reloads(), None
        assert tab.query == memory.left[page.page]
    elif way < 0.55:
        choice_added = Choice(chance.choice(NETWORKS))
        if page is EXPLORE and not session_board().full:
            add_to_board(choice_added)
            memory.left[COMPARE.page] = COMPARE.write(session_board())
        state = tab.run(page, tab.query)
    elif way < 0.65:  # a quick user: the browser asks several times with the address of before
        asked = tab.query
        for _ in range(chance.randint(2, 8)):
            state = tab.run(page, asked, lambda now: TURNS[page.page](now, chance))
            memory.note(tab, state, before)
            before = page.network(state)
    else:
        state = tab.run(page, tab.query, lambda now: TURNS[page.page](now, chance))
    return state, before


@pytest.mark.parametrize("seed", [1])
def test_a_thousand_steps_lose_nothing(browser: Browser, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "first", lambda: "")
    chance, memory = random.Random(seed), Memory()
    memory.left[ATLAS.page] = ()
    for _ in range(1000):
        state, before = step(browser, memory, chance)
        agree(browser, state)
        memory.note(browser, state, before)
    assert {page.page for page in PAGES} == set(memory.left)
    for page, query in browser.entries:
        assert page.read(query)[1] == []  # no entry has another page's parameters


# --- The real pages --------------------------------------------------------------------------------------


def at_page(at: AppTest, page: Address[Any]) -> AppTest:
    """By the top bar."""
    at.query_params = {}
    at.switch_page(page.page).run()
    assert not at.exception
    return at


def asked_with(at: AppTest) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in at.query_params.items()}


def widget(at: AppTest, kind: str, end: str) -> Any:
    return next(w for w in at.get(kind) if (w.key or "").endswith(end))


def test_the_pages_themselves_come_back_as_they_were_left() -> None:
    at = AppTest.from_file(str(APP), default_timeout=240).run()
    at = at_page(at, SCALING)
    assert widget(at, "selectbox", "net").value == "mobilenet_v2"
    widget(at, "selectbox", ".of").set_value("params").run()
    scaling = asked_with(at)
    for _ in range(2):  # in turn: a list of networks that took the other page's place showed its first one
        at = at_page(at, DESIGN)
        assert widget(at, "selectbox", "net").value == "mobilenet_v2"
        at = at_page(at, SCALING)
        assert (widget(at, "selectbox", "net").value, asked_with(at)) == ("mobilenet_v2", scaling)
    widget(at, "selectbox", "net").set_value("squeezenet1_1").run()
    at = at_page(at, DESIGN)
    assert (widget(at, "selectbox", "net").value, asked_with(at)) == ("squeezenet1_1", {"net": ["squeezenet1_1"]})
    widget(at, "number_input", "max-macs").set_value(90.0).run()
    at = at_page(at_page(at, LECTURES), DESIGN)
    assert asked_with(at) == {"net": ["squeezenet1_1"], "max.macs": ["90000000"]}
    assert widget(at, "number_input", "max-macs").value == 90.0
