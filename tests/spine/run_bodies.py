"""The steps, checks and recordings of one purchase that the tests of a run share."""

from __future__ import annotations

from .story import Story

BUY = """
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
"""
LISTEN = """
  - {id: listen, ws: user, subscribe: {markets: [m]}}
"""
FILLED = """
  - {id: filled, ws: user, within: 5s, where: {event_type: trade}, expect: {status: MATCHED}, save: {t: $.id}}
"""
SETTLES = """
checks:
  - {id: settles, lifecycle: {trade: "${t}", states: [MATCHED, CONFIRMED]}, within: 5s}
"""
CANCEL = {"method": "DELETE", "path": "/cancel-all"}
FINALLY = """
finally:
  - {rest: DELETE /cancel-all}
  - {rest: DELETE /cancel-all, expect: {status: 200}}
"""


def bought(status: int = 200) -> Story:
    return Story().at(100).listening().at(1000).posted("buy", {"ok": True}, status)


def cleaned(story: Story) -> Story:
    for n in (1, 2):
        story.step(f"finally.{n}").send(f"finally.{n}", CANCEL).answer(f"finally.{n}", {})
    return story
