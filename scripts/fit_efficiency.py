"""``python -m scripts.fit_efficiency``: fit blocks/reference/efficiency.csv anew on the published throughputs, and print it with its errors."""

from __future__ import annotations

from pathlib import Path

from blocks.latency.roofline.efficiency_fit import fitted_table

FILE = Path(__file__).resolve().parents[1] / "blocks" / "reference" / "efficiency.csv"


def main() -> None:
    """Fit, print, write."""
    table = fitted_table()
    print(table.pivot_table(index="machine", columns="group", values="factor", sort=False).round(3).to_string())
    print(table.drop_duplicates("machine")[["machine", "setup", "rows", "networks", "error"]].to_string(index=False))
    table.to_csv(FILE, index=False)


if __name__ == "__main__":
    main()
