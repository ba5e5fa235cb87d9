"""Results that last: the ledger and what is asked of it."""
