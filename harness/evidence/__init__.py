"""What a customer's program or file shows: HTTP that was not ours, as sealed and redacted evidence."""
