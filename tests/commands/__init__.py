"""The command `harness`, as who types it sees it."""
