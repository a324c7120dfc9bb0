"""The steps and the recording of one purchase that the tests of checks share."""

from __future__ import annotations

from .story import Story

HEAD = """steps:
  - {id: listen, ws: user, subscribe: {markets: [m]}}
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
checks:
"""


def bought() -> Story:
    return Story().at(500).listening().at(1000).posted("buy", {})
