"""A client that speaks Streamlit's protocol over a websocket: opens a page, turns its widgets, and reads the figures that it is sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Self

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

#: The field of a widget's state that holds its value, by the kind of its element.
_VALUE_FIELD = {"number_input": "double_value", "slider": "double_array_value", "button_group": "int_array_value", "checkbox": "bool_value"}


@dataclass
class Client:
    """One browser session. ``metrics`` holds the large figures of the last run by label, ``widgets`` the id and kind of each keyed widget by its key."""

    connection: ClientConnection
    page: str
    query: str
    page_hash: str = ""
    metrics: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    received: int = 0  # bytes
    _cache: dict[str, ForwardMsg] = field(default_factory=dict)
    _states: dict[str, WidgetState] = field(default_factory=dict)

    @classmethod
    async def open(cls, url: str, page: str, query: str) -> Self:
        """Connect to the app at ``url`` (http://host:port); nothing has been run yet."""
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        return cls(await connect(address, subprotocols=["streamlit"], max_size=None, ping_interval=None, origin=url), page, query)  # type: ignore[arg-type, list-item]

    async def close(self) -> None:
        """Leave, as a browser does whose tab is closed."""
        await self.connection.close()

    async def run(self) -> None:
        """Run the page and wait until its script has ended."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self.query, self.page, self.page_hash
        state.widget_states.widgets.extend(self._states.values())
        state.cached_message_hashes.extend(self._cache)
        state.context_info.timezone, state.context_info.locale, state.context_info.url = "UTC", "en-GB", f"http://localhost/{self.page}"
        await self.connection.send(message.SerializeToString())
        self.metrics = {}
        while not await self._take():
            pass

    async def turn(self, key: str, value: float) -> None:
        """Set the widget with ``key`` to ``value``, and wait for the run that this starts. Of a button group the value is the option's place."""
        id_, kind = self.widgets[key]
        state = WidgetState(id=id_)
        if kind in ("slider", "button_group"):
            getattr(state, _VALUE_FIELD[kind]).data.append(value if kind == "slider" else int(value))
        else:
            setattr(state, _VALUE_FIELD[kind], value if kind == "number_input" else int(value))
        self._states[id_] = state
        await self.run()

    async def _take(self) -> bool:
        """Receive one message; whether it ends the run."""
        raw = await asyncio.wait_for(self.connection.recv(decode=False), 120)
        self.received += len(raw)
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message = self._cache[message.ref_hash]
            kind = message.WhichOneof("type")
        elif message.metadata.cacheable:
            self._cache[message.hash] = message
        if kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message)
        elif kind == "session_event" and message.session_event.WhichOneof("type") == "script_compilation_exception":
            self.errors.append(str(message.session_event))
        return kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def _element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "metric":
            self.metrics[element.metric.label] = element.metric.body
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.errors.append(element.alert.body)
        elif kind in _VALUE_FIELD:
            id_ = getattr(element, kind).id
            self.widgets[_key_of(id_)] = (id_, kind)


def _key_of(widget_id: str) -> str:
    """The key that the app gave a widget, which ends its id: ``$$ID-<hash>-<key>``."""
    return widget_id.split("-", 2)[-1]
