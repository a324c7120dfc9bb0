"""What to ask a customer for where what he sent does not show the bug."""

from __future__ import annotations

from typing import Final

ASK: Final = """
Ask the customer for one of these, of the minute in which it happened, and for the zone of its times:
  browser   the Network panel's "Export HAR (with content)"
  Python    what it prints with logging.basicConfig(level=logging.DEBUG) before the first request
  stream    the frames with their times, from the first message on; the keys in it may be left out
  FIX       the engine's log of messages, from the Logon on
  by hand   the request as cURL, with what was answered pasted below it"""
