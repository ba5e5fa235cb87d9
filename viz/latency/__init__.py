"""The Latency page: what is measured and how, live figures, verdicts, where the time goes, roofs and estimates, the ledger."""
