"""Who asks for what."""

from __future__ import annotations

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import Scope
from streamlit import config


def path_of(scope: Scope) -> str:
    """The path that is asked for, below the server's own prefix (``server.baseUrlPath``)."""
    path: str = scope["path"]
    prefix = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return path.removeprefix(f"/{prefix}") if prefix and path.startswith(f"/{prefix}/") else path


def client_of(scope: Scope) -> str:
    """The client's address; of a proxy on this machine, or one named by ``FORWARDED_ALLOW_IPS``, the address that it forwards for."""
    return str((scope.get("client") or ("", 0))[0])


def from_this_machine(scope: Scope) -> bool:
    """Whether a client on this machine asks, and not through a proxy, whose own clients may be anywhere."""
    try:
        near = ip_address(client_of(scope)).is_loopback
    except ValueError:
        return False
    headers = Headers(scope=scope)
    return near and not any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
