"""The options of the pytest plugin, as data: each name with what argparse is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "--target": {
        "default": "replay",
        "metavar": "NAME",
        "help": "where cases run: replay (default), or a configured target",
    },
    "--build": {"metavar": "BUILD", "help": "the build of the target, such as 2026.11.2"},
    "--record": {
        "choices": ("broken", "fixed"),
        "help": "seal the run as this cassette, if it shows it",
    },
    "--explore": {
        "type": int,
        "metavar": "N",
        "help": "live: run each case with `vary` up to N times, with inputs that are looked for",
    },
    "--explore-seconds": {"type": int, "metavar": "S", "help": "seconds for each explored case (300)"},
    "--explore-seed": {
        "type": int,
        "metavar": "SEED",
        "help": "look for inputs in another order than the case's own",
    },
    "--save-example": {
        "metavar": "ID",
        "help": "write the smallest inputs that fail as the case ID, beside the one explored",
    },
    "--allure-attachments": {
        "default": "failed",
        "choices": ("failed", "all", "none"),
        "help": "which items keep wire texts and pictures in Allure results",
    },
    "--verdicts": {
        "metavar": "FILE",
        "help": "write one record a case to FILE, as JSON; until then they are in FILE.journal",
    },
    "--shard": {
        "metavar": "I/N",
        "help": "run the I-th of N parts of the cases (3/16); harness merge makes one of their verdicts",
    },
    "--resume": {
        "action": "store_true",
        "help": "with --verdicts FILE: run only what a run that was killed did not get to",
    },
}
DURATIONS: Final = "durations.json"
"""What `--shard` balances its parts by, in the root, and `harness durations` writes."""
QUARANTINE: Final = "quarantine.yaml"
"""The cases that are known to be flaky, in the root."""
EXPLORING: Final = ("--explore", "--explore-seconds", "--explore-seed", "--save-example")
