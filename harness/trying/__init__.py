"""Trying a target's channels one by one: what works, what does not, what to do next. Nothing is written."""
