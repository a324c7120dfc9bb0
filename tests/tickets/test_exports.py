"""What other tools than browsers export: bodies as they were on the wire, bodies in files, breadcrumbs."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

from harness.evidence.ticket.folder import Gathered, gather

from .customer import ALICE, BALANCE

ORDER = json.dumps(ALICE.order(0.5, 9), separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE})
URL = "https://clob.example.com/order"


def exported(content: dict[str, str], posted: dict[str, str]) -> str:
    """A HAR of one exchange."""
    entry = {
        "startedDateTime": "2026-03-02T14:05:01Z",
        "time": 1,
        "request": {"method": "POST", "url": URL, "headers": [], "postData": posted},
        "response": {"status": 400, "headers": [], "content": content},
    }
    return json.dumps({"log": {"entries": [entry]}})


def bodies(found: Gathered) -> list[str]:
    """The body of each message."""
    return [clue.data["wire"].get("body", "untold") for clue in found.clues]


def test_a_body_still_packed(tmp_path: Path) -> None:
    """Fiddler's HAR holds bodies as they went over the wire: gzip in base64."""
    packed = base64.b64encode(gzip.compress(REFUSAL.encode())).decode()
    (tmp_path / "a.har").write_text(exported({"text": packed, "encoding": "base64"}, {"text": ORDER}))
    assert bodies(gather(tmp_path)) == [ORDER, REFUSAL]


def test_bodies_in_files(tmp_path: Path) -> None:
    """Playwright's HAR names files for its bodies, which are read where they lie beside it."""
    (tmp_path / "a.har").write_text(exported({"_file": "../../b.json"}, {"_file": "gone.json"}))
    (tmp_path / "b.json").write_text(REFUSAL)
    assert bodies(gather(tmp_path))[1] == REFUSAL


BREADCRUMBS = {
    "breadcrumbs": {
        "values": [
            {
                "type": "http",
                "timestamp": "2026-03-02T14:05:01.5Z",
                "data": {"url": "https://clob.example.com/order", "method": "POST", "status_code": 400},
            }
        ]
    }
}


def test_breadcrumbs(tmp_path: Path) -> None:
    """Requests that Sentry kept are read: method, URL, status, and no bodies."""
    (tmp_path / "event.json").write_text(json.dumps(BREADCRUMBS, indent=2))
    send, answer = gather(tmp_path).clues
    assert (send.data["wire"]["target"], answer.data["wire"]["status"]) == ("/order", 400)
    assert "body_omitted" in send.data["wire"]
