"""The ledger on the page: filter, inspect, plot over time, compare with today's conditions, download, delete."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from blocks.language import retell, tr, translatable
from blocks.latency.store.ledger import Ledger, ledger
from blocks.latency.store.queries import Filter, LedgerError, as_parquet, change_between
from viz.kit.charts import chart, is_dark
from viz.kit.data_table import data_table
from viz.kit.markdown import error_box
from viz.kit.saving import csv_button, save_button
from viz.latency import figures

_SHOWN = [
    "finished_at",
    "kind",
    "network",
    "input",
    "ms",
    "low",
    "high",
    "ratio",
    "n",
    "batch",
    "device_name",
    "dtype",
    "mode",
    "converged",
    "joules_per_image",
    "torch",
    "machine",
    "note",
]
_SPANS = {translatable("all"): None, translatable("today"): 0, translatable("7 days"): 7, translatable("30 days"): 30}
#: Titles of the columns without a unit.
_TITLES = {
    "kind": translatable("kind"),
    "network": translatable("network"),
    "input": translatable("input"),
    "batch": translatable("batch"),
    "device_name": translatable("device"),
    "dtype": translatable("dtype"),
    "mode": translatable("mode"),
    "converged": translatable("converged"),
    "machine": translatable("machine"),
    "note": translatable("note"),
}
#: Heads of a file's columns; a comparison's median and bounds are ratios.
_FILE_HEADS = {name: f"{name} (s; of a comparison a ratio)" for name in ("median", "low", "high")} | {"finished_at": "finished_at (UTC)"}
MOST_LINES = 8


def ledger_section() -> None:
    """The whole section; a ledger that does not answer costs a sentence."""
    try:
        _book(ledger())
    except LedgerError as error:
        error_box(str(error))


def _book(kept: Ledger) -> None:
    asked = _filters(kept)
    rows = kept.rows(asked)
    found = tr("{shown} of {all} results", shown=len(rows), all=kept.count())
    st.caption(f"{found} · {kept.file or tr('a database server')}")
    if rows.empty:
        st.info(tr("No result fits. Whatever is measured in this app, or from a terminal, is listed here."), icon=":material/menu_book:")
        return
    ratio = rows["median"].astype(float).where(rows["kind"] == "compare")
    table = rows.assign(
        input=rows["id"].map(kept.input_sizes(rows["id"].tolist())), ms=_ms(rows, "median"), low=_ms(rows, "low"), high=_ms(rows, "high"), ratio=ratio
    )
    event = data_table(
        table[_SHOWN], "ledger", _columns(), width="stretch", height=380, placeholder="–", key="latency.rows", on_select="rerun", selection_mode="multi-row"
    )
    chosen = rows.iloc[[i for i in event.selection.rows if i < len(rows)]]
    _actions(kept, rows, chosen)
    _over_time(rows, chosen)


def _ms(rows: pd.DataFrame, column: str) -> pd.Series:
    """Milliseconds; a comparison's figures are ratios and stay out."""
    return (rows[column].astype(float) * 1e3).where(rows["kind"] != "compare")


def _columns() -> dict[str, Any]:
    number = {
        name: st.column_config.NumberColumn(label, format="%.4g")
        for name, label in (("ms", tr("median (ms)")), ("low", tr("low (ms)")), ("high", tr("high (ms)")), ("ratio", tr("ratio")))
    }
    return number | {
        "finished_at": st.column_config.DatetimeColumn(tr("when (UTC)"), format="YYYY-MM-DD HH:mm"),
        "joules_per_image": st.column_config.Column(tr("J per image")),
        **{name: st.column_config.Column(tr(title)) for name, title in _TITLES.items()},
    }


def _filters(kept: Ledger) -> Filter:
    one, two, three, four, five = st.columns([3, 2, 3, 2, 2], vertical_alignment="bottom")
    text = one.text_input(tr("Network or note"), key="latency.text", placeholder=tr("part of the name"))
    kinds = two.multiselect(tr("Kind"), kept.values("kind"), key="latency.kinds", placeholder=tr("all"))
    devices = three.multiselect(tr("Device"), kept.values("device_name"), key="latency.devices", placeholder=tr("all"))
    dtypes = four.multiselect(tr("Type"), kept.values("dtype"), key="latency.dtypes", placeholder=tr("all"))
    span = five.selectbox(tr("Since"), list(_SPANS), key="latency.span", format_func=tr)
    return Filter(text=text.strip(), kinds=tuple(kinds), devices=tuple(devices), dtypes=tuple(dtypes), since=since(_SPANS[span], datetime.now(UTC)))


def since(days: int | None, now: datetime) -> float | None:
    """Seconds since 1970 of the midnight (UTC) that lies so many days before ``now``'s; None for no bound."""
    return None if days is None else datetime.combine(now.date() - timedelta(days=days), time(), UTC).timestamp()


def _actions(kept: Ledger, rows: pd.DataFrame, chosen: pd.DataFrame) -> None:
    taken = rows if chosen.empty else chosen
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        of = _networks(taken)
        csv_button(taken, of=of, what="ledger", key="latency.csv", heads=_FILE_HEADS)
        try:
            save_button("Parquet", as_parquet(taken), of=of, what="ledger", suffix=".parquet", mime="application/vnd.apache.parquet", key="latency.parquet")
        except LedgerError as error:
            st.caption(str(error))
        if st.button(tr("Delete {n}", n=len(chosen)) if len(chosen) else tr("Delete"), icon=":material/delete:", disabled=chosen.empty, key="latency.delete"):
            _confirm(kept, chosen["id"].tolist())
        st.caption(tr("Files hold what is selected, or all that is shown.") if chosen.empty else tr("{n} selected.", n=len(chosen)))
    if len(chosen) == 1:
        _one(kept, rows, chosen.iloc[0])
    if len(chosen) == 2:
        earlier, later = (r.to_dict() for _, r in chosen.sort_values("finished_at").iterrows())
        _change(tr("The two selected"), earlier, later)


def _confirm(kept: Ledger, identities: list[str]) -> None:
    """Ask in a dialog, whose title is in the language of now."""
    st.dialog(tr("Delete results"))(_confirmed)(kept, identities)


def _confirmed(kept: Ledger, identities: list[str]) -> None:
    n = len(identities)
    st.markdown(
        tr("Delete {n} results from the ledger? This cannot be undone.", n=n) if n > 1 else tr("Delete one result from the ledger? This cannot be undone.")
    )
    really, cancel, _ = st.columns([1, 1, 2])
    if cancel.button(tr("Cancel"), key="latency.cancel", width="stretch"):
        st.rerun()
    if really.button(tr("Delete"), type="primary", icon=":material/delete:", key="latency.really", width="stretch"):
        try:
            kept.delete(identities)
        except LedgerError as error:
            error_box(str(error))
            return
        st.rerun()


def _one(kept: Ledger, rows: pd.DataFrame, row: pd.Series) -> None:
    """A single result: against the newest of the same experiment, its note, everything reported."""
    same = rows[(rows["experiment_key"] == row["experiment_key"]) & (rows["kind"] == row["kind"]) & (rows["id"] != row["id"])]
    if row["experiment_key"] and not same.empty and row["kind"] == "measure":
        earlier, later = sorted([row.to_dict(), same.iloc[0].to_dict()], key=lambda r: r["finished_at"])
        _change(tr("Against the newest of the same experiment"), earlier, later)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    words = left.text_input(tr("Note"), row["note"] or "", key=f"latency.note.{row['id']}", max_chars=500)
    if right.button(tr("Keep the note"), key="latency.keep_note", icon=":material/edit_note:") and words != (row["note"] or ""):
        kept.note(str(row["id"]), words)
        st.rerun()
    with st.expander(tr("Everything that was reported")):
        payload = kept.payload(str(row["id"])) or {}
        st.json({k: v for k, v in payload.items() if k not in ("samples", "log_ratios", "each")}, expanded=1)


def _change(what: str, earlier: dict[Any, object], later: dict[Any, object]) -> None:
    same = earlier["experiment_key"] == later["experiment_key"]
    found = change_between(earlier, later) if "compare" not in (earlier["kind"], later["kind"]) else None
    if found is None:
        st.caption(tr("{what} cannot be compared: one of them has no median time.", what=what))
        return
    warning = "" if same else " " + tr("These are different experiments: the A against B section judges them.")
    st.markdown(f"**{what}:** {retell(found.sentence)}{warning}")


def _over_time(rows: pd.DataFrame, chosen: pd.DataFrame) -> None:
    """Medians over time: of what is selected, else of the experiments measured most often."""
    measured = rows[rows["kind"] == "measure"]
    wanted = set(chosen["experiment_key"]) if not chosen.empty else set(measured["experiment_key"].value_counts().head(MOST_LINES).index)
    drawn = measured[measured["experiment_key"].isin(wanted)]
    if drawn.empty:
        return
    st.markdown(tr("#### Over time"))
    chart(figures.history_chart(drawn, is_dark()), key="latency-history", name="latency-history", of=_networks(drawn),
          frame=drawn.drop(columns="session"), heads=_FILE_HEADS, height=420)  # fmt: skip


def _networks(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows["network"].dropna().unique()]
