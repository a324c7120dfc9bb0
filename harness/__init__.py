"""Regression cases from real escalations, replayed over REST, WebSocket and the chain."""

__version__ = "0.1.0"
