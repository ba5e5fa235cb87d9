"""How often a client may be wrong."""

from __future__ import annotations

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address

MOST_WRONG, WITHIN = 10, 60.0  # tries, seconds
_KNOWN = 10_000  # clients


class Tries:
    """The wrong tries of the last minute by client. An IPv6 client is its network of 64 bits, in which it may take any address."""

    def __init__(self, most: int = MOST_WRONG, within: float = WITHIN) -> None:
        self._most, self._within = most, within
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def wrong(self, client: str, now: float) -> None:
        """Note a wrong try."""
        times = self._wrong.setdefault(_network(client), deque(maxlen=self._most))
        times.append(now)
        self._wrong.move_to_end(_network(client))
        if len(self._wrong) > _KNOWN:
            self._wrong.popitem(last=False)

    def wait(self, client: str, now: float) -> float:
        """Seconds until this client may try again; 0 for now."""
        times = self._wrong.get(_network(client))
        return max(0.0, times[0] + self._within - now) if times and len(times) == self._most else 0.0


def _network(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client
    return address.packed[:8].hex() if isinstance(address, IPv6Address) and address.ipv4_mapped is None else str(address)
