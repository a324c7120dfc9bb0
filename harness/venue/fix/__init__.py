"""The FIX gateway: order entry and drop copy over the same book as REST, on a real quickfix acceptor.

Clients meet `front` (the venue's own port), which carries bytes to the acceptor in the child process
(`acceptor`); `gateway` keeps the child alive, `desk` turns its messages into orders and the engine's events
into reports.
"""
