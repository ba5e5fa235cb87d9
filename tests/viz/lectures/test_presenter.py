"""The lecture hall: the address that a student's phone opens, and links to the presenter's window."""

from __future__ import annotations

import hashlib
import socket

import pytest

from viz.lectures import course, presenter
from viz.lectures.address import LecturePosition

LECTURE = course.lectures("en")[0]
PLACE = LecturePosition("zh", LECTURE, 3, present=True, code=True, answers=(("3.1", "four"),))


def test_students_open_the_step_itself_under_a_name_that_their_phones_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = f"lectures?lecture={LECTURE.name}&step=3&lang=zh"
    assert presenter.student_address(PLACE, "https://deep.example/lectures?x=1") == (f"https://deep.example/{asked}", True)
    assert presenter.student_address(PLACE, "https://deep.example/app/lectures") == (f"https://deep.example/app/{asked}", True)
    monkeypatch.setattr(presenter, "network_address", lambda: "192.0.2.7")
    assert presenter.student_address(PLACE, "http://localhost:8501/lectures") == (f"http://192.0.2.7:8501/{asked}", True)
    monkeypatch.setattr(presenter, "network_address", lambda: "")
    assert presenter.student_address(PLACE, "http://localhost:8501/lectures") == (f"http://localhost:8501/{asked}", False)
    assert presenter.student_address(PLACE, "") == ("", False)


@pytest.mark.parametrize(("listens", "found"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True), (None, True)])
def test_an_app_that_listens_to_this_machine_only_has_no_address_for_phones(listens: str | None, found: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Routed(socket.socket):
        def connect(self, _address: object) -> None: ...
        def getsockname(self) -> tuple[str, int]:
            return "192.0.2.7", 9

    monkeypatch.setattr("viz.lectures.presenter.socket.socket", Routed)
    monkeypatch.setattr(presenter.st, "get_option", {"server.address": listens}.get)
    assert presenter.network_address() == ("192.0.2.7" if found else "")


def test_the_presenters_window_has_a_link_of_its_own() -> None:
    assert presenter.link_of(PLACE, notes=True, present=False, code=False) == f"lectures?lecture={LECTURE.name}&step=3&a3.1=four&lang=zh&notes=1"


_STEP = "http://192.0.2.7:8501/lectures?lecture=resnet&step=3&language=en&x="


@pytest.mark.parametrize(
    ("address", "side", "digest"),
    [
        ("=3&language=en", 21, "73656ba704505a30"),
        (_STEP[:62], 33, "f0fcbcb00866e101"),
        (_STEP.ljust(152, "y"), 49, "63168e8de545329a"),
        (_STEP.ljust(213, "y"), 57, "1e5a0bfbc42616f8"),
    ],
)
def test_the_code_of_an_address_is_that_of_another_encoder(address: str, side: int, digest: str) -> None:
    """The package qrcode 8.2 at level M, as a hash of its modules; each address fills its code, so that no padding is in it."""
    rows = ["".join(map(str, row)) for row in presenter.qr_code(address).matrix]
    assert len(rows) == side
    assert hashlib.sha256("\n".join(rows).encode()).hexdigest().startswith(digest)


def test_a_long_address_has_a_code_too() -> None:
    assert presenter.qr_code(_STEP.ljust(700, "y")).error in "MQH"
