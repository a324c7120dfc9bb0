"""The embedded exchange: a test double on loopback that speaks its wire, beside a real EVM."""
