"""Who asks for what."""

from __future__ import annotations

import pytest
from streamlit import config

from tests.asgi import scope_of
from viz.server.paths import client_of, from_this_machine, path_of


def test_a_path_below_the_servers_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert path_of(scope_of("/metrics")) == "/metrics"
    monkeypatch.setattr(config, "get_option", lambda _: "lab/nets")
    assert path_of(scope_of("/lab/nets/metrics")) == "/metrics"
    assert path_of(scope_of("/lab/networks/metrics")) == "/lab/networks/metrics"


@pytest.mark.parametrize(
    ("client", "headers", "near"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("192.0.2.1", {}, False),
        ("", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, False),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}, False),
    ],
)
def test_only_this_machine_without_a_proxy_is_near(client: str, headers: dict[str, str], near: bool) -> None:
    scope = scope_of("/", headers=headers, client=client)
    assert from_this_machine(scope) is near
    assert client_of(scope) == client
