"""What a step does, as values: the intent that its action means, and what its answers show."""

from harness.acts.acting import Act, act, offered
from harness.acts.chain import block_before, head_look, human
from harness.acts.showing import fix_messages, has_more, read_logs, read_messages, read_response

__all__ = [
    "Act",
    "act",
    "block_before",
    "fix_messages",
    "has_more",
    "head_look",
    "human",
    "offered",
    "read_logs",
    "read_messages",
    "read_response",
]
