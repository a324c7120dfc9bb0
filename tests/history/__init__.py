"""The ledger of many runs."""
