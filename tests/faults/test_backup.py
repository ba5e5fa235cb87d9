"""The commands of docs/operations.md for backup and restore, run as they stand there, on a ledger in each database."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from blocks.latency.store.ledger import Ledger
from tests.latency import postgres
from tests.latency.conftest import reported

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()
SCRIPTS = re.findall(r"```sh\n(.*?)```", DOCUMENT.split("## Backup and restore")[1].split("\n## ")[0], flags=re.DOTALL)
ORDER = ("backup-sqlite", "restore-sqlite", "backup-postgresql", "restore-postgresql")


def run(command: str, **variables: str) -> None:
    """The block of that name."""
    script = dict(zip(ORDER, SCRIPTS, strict=True))[command]
    where = os.pathsep.join(filter(None, [str(postgres.binaries() or ""), os.environ["PATH"]]))
    done = subprocess.run(["sh", "-euc", script], env=os.environ | variables | {"PATH": where}, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def there_and_back(book: Ledger, kind: str, **variables: str) -> None:
    book.add("measure", "kept", reported())
    run(f"backup-{kind}", **variables)
    book.add("measure", "later", reported())
    book.delete(["kept"])
    run(f"restore-{kind}", **variables)
    again = Ledger(book.url)
    assert again.rows()["id"].tolist() == ["kept"]
    again.add("measure", "after", reported())
    assert set(Ledger(book.url).rows()["id"]) == {"kept", "after"}


def test_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    there_and_back(Ledger(f"sqlite:///{file}"), "sqlite", LEDGER=str(file), COPY=str(tmp_path / "copy.sqlite"))


def test_postgresql(postgres_url: str, tmp_path: Path) -> None:
    there_and_back(Ledger(postgres_url), "postgresql", DATABASE=postgres_url.replace("+psycopg", ""), COPY=str(tmp_path / "copy.dump"))
