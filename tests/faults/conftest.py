"""What the fault tests share with those of the laboratory: a real database server."""

from tests.latency.conftest import postgres_url

__all__ = ["postgres_url"]
