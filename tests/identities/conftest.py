"""Random inputs without a time limit an example: a busy machine is no finding."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("identities", deadline=None)
settings.load_profile("identities")
