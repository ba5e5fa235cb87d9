"""The ledger: what goes in comes out, filters mean what they say, and no fault of the database loses a result."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from blocks.latency.measure.experiment import Experiment
from blocks.latency.store.ledger import Ledger, LedgerError
from blocks.latency.store.queries import Filter, change_between
from blocks.latency.store.schema import VERSION
from blocks.workers.process import PACKAGE_ROOT

Report = Callable[..., dict[str, Any]]


def test_what_goes_in_comes_out(ledger: Ledger, report: Report) -> None:
    sent = report(0.0417, network="resnet50", dtype="bfloat16", knobs=(("se_ratio", 16),))
    ledger.add("measure", "a1", sent, "browser-7")
    row = ledger.rows().iloc[0]
    assert (row["id"], row["kind"], row["network"], row["dtype"], row["session"]) == ("a1", "measure", "resnet50(se_ratio=16)", "bfloat16", "browser-7")
    assert (row["median"], row["low"], row["n"], row["batch"], row["torch"]) == (0.0417, sent["low"], 57, 3, "9.9")
    assert row["finished_at"] == pd.Timestamp(1.7e9, unit="s", tz="UTC")
    assert ledger.payload("a1") == sent | {"experiment": {**sent["experiment"], "knobs": [["se_ratio", 16]]}}
    assert ledger.payload("a2") is None


def test_adding_twice_keeps_one(ledger: Ledger, report: Report) -> None:
    for _ in range(2):
        ledger.add("measure", "same", report())
    assert ledger.count() == 1


@pytest.fixture
def filled(ledger: Ledger, report: Report) -> Ledger:
    for i, (network, dtype, mode) in enumerate(
        [
            ("resnet18", "float32", "forward"),
            ("resnet50", "float32", "forward_backward"),
            ("resnet50", "bfloat16", "forward"),
            ("mobilenet_v2", "float32", "forward"),
        ]
    ):
        ledger.add("measure", f"id{i}", report(0.01 * (i + 1), 1.7e9 + 100 * i, network, dtype=dtype, mode=mode))
    return ledger


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Filter(), ["id3", "id2", "id1", "id0"]),
        (Filter(text="RESNET5"), ["id2", "id1"]),
        (Filter(text="50%"), []),  # a wildcard of SQL is a letter here
        (Filter(dtypes=("bfloat16",)), ["id2"]),
        (Filter(modes=("forward",), text="resnet"), ["id2", "id0"]),
        (Filter(since=1.7e9 + 100, until=1.7e9 + 250), ["id2", "id1"]),
        (Filter(limit=2), ["id3", "id2"]),
        (Filter(converged=False), []),
        (Filter(machines=("elsewhere",)), []),
        (Filter(kinds=("measure",), devices=("a processor",), torch=("9.9",)), ["id3", "id2", "id1", "id0"]),
    ],
)
def test_filters(filled: Ledger, asked: Filter, expected: list[str]) -> None:
    assert filled.rows(asked)["id"].tolist() == expected


def test_notes_are_found_and_deleting_deletes(filled: Ledger) -> None:
    filled.note("id1", "on the projector's laptop")
    assert filled.rows(Filter(text="projector"))["id"].tolist() == ["id1"]
    assert filled.delete(["id1", "id2", "unheard-of"]) == 2
    assert filled.rows()["id"].tolist() == ["id3", "id0"]
    filled.add("measure", "later", filled.payload("id0") or {})
    assert set(filled.rows()["id"]) == {"id3", "id0", "later"}, "what a user deleted must not come back"


def test_values_to_filter_by(filled: Ledger) -> None:
    assert filled.values("dtype") == ["bfloat16", "float32"]
    with pytest.raises(LedgerError, match="no column colour"):
        filled.values("colour")


def test_exports_hold_the_same_rows(filled: Ledger) -> None:
    asked = Filter(text="resnet")
    expected = filled.rows(asked)
    csv = pd.read_csv(io.BytesIO(filled.export_csv(asked)), parse_dates=["finished_at"])
    parquet = pd.read_parquet(io.BytesIO(filled.export_parquet(asked)))
    for table in (csv, parquet):
        assert table["id"].tolist() == expected["id"].tolist() == ["id2", "id1", "id0"]
        assert table["median"].tolist() == pytest.approx(expected["median"].tolist())
        assert pd.to_datetime(table["finished_at"], utc=True).tolist() == expected["finished_at"].tolist()


def test_over_time_follows_one_experiment(ledger: Ledger, report: Report) -> None:
    for i, batch in enumerate([1, 2, 1, 1]):
        ledger.add("measure", f"t{i}", report(0.01 + i / 1000, 1.7e9 - i, input_shape=(batch, 3, 64, 64)))
    assert ledger.over_time("t0")["id"].tolist() == ["t3", "t2", "t0"]
    assert ledger.over_time("none").empty


def test_a_change_is_a_hint_unless_the_intervals_are_apart() -> None:
    earlier = {"median": 0.010, "low": 0.0098, "high": 0.0102, "torch": "2.12"}
    near = change_between(earlier, {"median": 0.0101, "low": 0.0099, "high": 0.0103, "torch": "2.12"})
    assert near is not None
    assert not near.apart
    assert "overlap" in near.sentence
    far = change_between(earlier, {"median": 0.012, "low": 0.0117, "high": 0.0123, "torch": "2.13"})
    assert far is not None
    assert far.apart
    assert far.ratio == pytest.approx(1.2)
    assert "torch was 2.12 and is 2.13" in far.sentence
    without = change_between(earlier, {"median": 0.012, "low": None, "high": float("nan"), "torch": "2.12"})
    assert without is not None
    assert not without.apart
    assert change_between(earlier, {"median": None}) is None


# --- Faults -------------------------------------------------------------------------------------------


def test_a_locked_ledger_keeps_the_result_for_later(ledger: Ledger, report: Report) -> None:
    ledger.add("measure", "first", report())
    with Ledger(ledger.url)._engine.connect().execution_options(ledger_write=True) as holder:
        transaction = holder.begin()
        if holder.dialect.name == "postgresql":
            holder.execute(text("LOCK TABLE results IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(LedgerError, match="locked by another program"):
            ledger.add("measure", "second", report())
        assert ledger.flush() == 1
        transaction.rollback()
    assert ledger.flush() == 0
    assert set(ledger.rows()["id"]) == {"first", "second"}


def test_a_full_disk_keeps_the_result_for_later(tmp_path: Path, report: Report) -> None:
    from sqlalchemy import event

    ledger = Ledger(f"sqlite:///{tmp_path / 'l.sqlite'}")
    ledger.add("measure", "small", report())
    pages = sqlite3.connect(tmp_path / "l.sqlite").execute("PRAGMA page_count").fetchone()[0]
    full = [True]

    def no_room(connection: Any, _record: Any) -> None:
        if full[0]:
            connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(ledger._engine, "connect", no_room)
    with pytest.raises(LedgerError, match="the disk is full"):
        ledger.add("measure", "large", report() | {"samples": [0.1] * 50_000})
    assert ledger.rows()["id"].tolist() == ["small"]
    full[0] = False
    assert ledger.flush() == 0
    assert set(ledger.rows()["id"]) == {"small", "large"}


def test_a_deleted_file_is_made_anew_with_what_this_process_wrote(tmp_path: Path, report: Report) -> None:
    file = tmp_path / "deep" / "l.sqlite"
    ledger = Ledger(f"sqlite:///{file}")
    ledger.add("measure", "before", report())
    for path in file.parent.iterdir():
        path.unlink()
    file.parent.rmdir()
    ledger.add("measure", "after", report())
    assert set(ledger.rows()["id"]) == {"before", "after"}


def test_tables_that_vanish_from_the_database_are_made_anew(ledger: Ledger, report: Report) -> None:
    from tests.latency.conftest import drop_all

    ledger.add("measure", "before", report())
    drop_all(ledger)
    ledger.add("measure", "after", report())
    assert set(ledger.rows()["id"]) == {"before", "after"}


def test_a_file_that_is_no_database_gets_a_sentence(tmp_path: Path, report: Report) -> None:
    file = tmp_path / "l.sqlite"
    file.write_bytes(b"these are my holiday photographs" * 100)
    ledger = Ledger(f"sqlite:///{file}")
    with pytest.raises(LedgerError, match="not a database of this program"):
        ledger.add("measure", "x", report())
    assert file.read_bytes().startswith(b"these are"), "somebody else's file must stay as it is"
    file.unlink()
    assert ledger.flush() == 0
    assert ledger.count() == 1


def test_a_server_that_is_not_there_gets_a_sentence(report: Report) -> None:
    ledger = Ledger("postgresql+psycopg://nobody@127.0.0.1:1/none", patience=0.3)
    with pytest.raises(LedgerError, match="cannot be reached"):
        ledger.add("measure", "x", report())
    assert ledger.flush() == 1


def test_an_older_ledger_moves_on_and_keeps_its_rows(ledger: Ledger, report: Report) -> None:
    ledger.add("measure", "old", report())
    with ledger._engine.connect() as connection, connection.begin():  # back to version 1
        for column in ("note", "joules_per_image"):
            connection.execute(text(f"ALTER TABLE results DROP COLUMN {column}"))
        for table in ("ledger_identity", "sweeps"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE schema_version SET version = 1"))
    newer = Ledger(ledger.url)
    newer.note("old", "kept")
    assert newer.rows()[["id", "note"]].values.tolist() == [["old", "kept"]]
    with newer._engine.connect() as connection:
        assert connection.execute(text("SELECT version FROM schema_version")).scalar_one() == VERSION


def test_a_newer_ledger_is_left_alone(ledger: Ledger, report: Report) -> None:
    ledger.add("measure", "x", report())
    with ledger._engine.connect() as connection, connection.begin():
        connection.execute(text(f"UPDATE schema_version SET version = {VERSION + 1}"))
    with pytest.raises(LedgerError, match=f"version {VERSION + 1}"):
        Ledger(ledger.url).rows()


WRITER = """
import sys, time
sys.path[:0] = [{root!r}]
from tests.latency.conftest import reported
from blocks.latency.store.ledger import Ledger
ledger = Ledger({url!r}, patience=20)
for i in range({count}):
    ledger.add("measure", f"{name}-{{i}}", reported())
    print(i, flush=True)
time.sleep({sleep})
"""


def _writer(ledger: Ledger, name: str, count: int, sleep: float = 0) -> subprocess.Popen[str]:
    code = WRITER.format(root=str(PACKAGE_ROOT), url=ledger.url, count=count, name=name, sleep=sleep)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_two_programs_make_and_fill_one_ledger_at_once(ledger: Ledger) -> None:
    writers = [_writer(ledger, name, 15) for name in ("left", "right")]
    assert [w.wait(timeout=600) for w in writers] == [0, 0]
    assert set(ledger.rows()["id"]) == {f"{name}-{i}" for name in ("left", "right") for i in range(15)}


def test_what_was_reported_written_survives_kill_9(ledger: Ledger) -> None:
    writer = _writer(ledger, "killed", 10_000)
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(7)]
    writer.kill()
    said += writer.stdout.readlines()
    writer.wait()
    done = {f"killed-{line.strip()}" for line in said if line.endswith("\n")}
    end = time.monotonic() + 10
    while time.monotonic() < end:  # a server notices the end of its client after a moment
        try:
            found = set(ledger.rows(Filter(limit=20_000))["id"])
            break
        except LedgerError:
            time.sleep(0.1)
    assert done <= found
    assert len(found) <= len(done) + 1


def test_the_url_decides_where_results_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, report: Report) -> None:
    from blocks.latency.store import ledger as module

    monkeypatch.setenv(module.LEDGER_URL_VARIABLE, f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    assert module.record_result("measure", "one", report(), "") == ""
    assert (tmp_path / "elsewhere.sqlite").exists()
    monkeypatch.delenv(module.LEDGER_URL_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert module.default_url().startswith(f"sqlite:///{tmp_path / 'data'}")


def test_keeping_never_raises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, report: Report) -> None:
    from blocks.latency.store import ledger as module

    (tmp_path / "file").write_text("")
    monkeypatch.setenv(module.LEDGER_URL_VARIABLE, f"sqlite:///{tmp_path / 'file' / 'under-a-file.sqlite'}")
    assert module.record_result("measure", "one", report(), "").startswith("Measured, but not yet in the ledger.")


def test_keys_tell_conditions_apart_and_not_limits() -> None:
    one = Experiment("resnet18")
    assert one.key() == Experiment.from_dict(one.to_dict()).key()
    assert one.key() != Experiment("resnet18", threads=1).key()
    assert one.key() != Experiment("resnet18", knobs=(("width", 2),)).key()


def test_the_inputs_size_is_read_from_the_report(filled: Ledger, report: Report) -> None:
    for identity, shape in (("image", (2, 3, 160, 224)), ("tokens", (5, 77))):
        filled.add("measure", identity, report(0.01, 1.7e9, "resnet18", input_shape=shape))
    rows = filled.rows()
    assert filled.input_sizes(rows["id"].tolist()) == {"image": "160×224", "tokens": "77"}
    assert filled.input_sizes([]) == {}
