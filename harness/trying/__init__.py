"""Trying a target's channels one by one: what works, what does not, what to do. Only a Logon writes."""
