"""How often a client may be wrong."""

from __future__ import annotations

from viz.server.tries import Tries


def test_a_client_waits_after_too_many_wrong_tries_and_the_others_do_not() -> None:
    tries = Tries(most=3, within=60)
    for now in (0.0, 10.0, 20.0):
        assert tries.wait("192.0.2.1", now) == 0
        tries.wrong("192.0.2.1", now)
    assert tries.wait("192.0.2.1", 25.0) == 35
    assert tries.wait("192.0.2.2", 25.0) == 0
    assert tries.wait("192.0.2.1", 60.0) == 0
    tries.wrong("192.0.2.1", 61.0)
    assert tries.wait("192.0.2.1", 62.0) == 8


def test_the_addresses_of_a_network_are_one_client() -> None:
    tries = Tries(most=1, within=60)
    tries.wrong("2001:db8:1:2::1", 0.0)
    assert tries.wait("2001:db8:1:2:ffff::9", 1.0) == 59
    assert tries.wait("2001:db8:1:3::1", 1.0) == 0
    tries.wrong("::ffff:192.0.2.1", 0.0)
    assert tries.wait("::ffff:192.0.2.2", 1.0) == 0
    tries.wrong("a unix socket", 0.0)
    assert tries.wait("a unix socket", 1.0) == 59
