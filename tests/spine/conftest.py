"""Random stories without a time limit an example: a busy machine is no finding."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("spine", deadline=None, max_examples=100)
settings.load_profile("spine")
