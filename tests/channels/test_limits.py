"""Every limit of streams and of a run's record is held by a test that goes up to it and beyond it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from harness import limits

TESTS = Path(__file__).parents[1]
HOSTILE, OPENING = "channels/test_ws_hostile.py", "channels/test_ws_opening.py"
FIX, ENGINE = "channels/test_fix_hostile.py", "channels/test_quickfix_hostile.py"
NUMBERS, CODEC = "wire/fix/test_session_numbers.py", "wire/fix/test_codec.py"
TIMELINE = "spine/test_timeline.py"

HELD_BY = {
    "RUN_EVENTS": (TIMELINE, "test_a_run_s_events_have_a_limit"),
    "RUN_TEXT_BYTES": (TIMELINE, "test_the_texts_of_a_run_have_a_limit_in_memory"),
    "RUN_RESERVE_EVENTS": (TIMELINE, "test_a_full_record_has_a_reserve_for_what_a_case_asks"),
    "RUN_RESERVE_BYTES": (TIMELINE, "test_the_reserve_has_room_for_the_largest_answer"),
    "WS_OPEN_S": (OPENING, "test_an_opening_that_goes_wrong"),
    "WS_CLOSE_S": (HOSTILE, "test_a_closing_handshake_that_is_never_answered_ends"),
    "WS_SEND_S": (HOSTILE, "test_a_server_that_floods_with_pings_and_reads_nothing_ends"),
    "WS_MESSAGE_S": (HOSTILE, "test_a_message_that_does_not_come_whole_ends"),
    "WS_LINGER_S": (HOSTILE, "test_a_broken_rule_or_limit_is_one_end_of_ours"),
    "WS_HANDSHAKE_BYTES": (OPENING, "test_the_answer_s_head_may_be_as_large_as_its_limit"),
    "WS_MESSAGE_BYTES": (HOSTILE, "test_at_a_limit_everything_is_taken"),
    "WS_FRAGMENTS": (HOSTILE, "test_at_a_limit_everything_is_taken"),
    "WS_CONTROL_FRAMES": (HOSTILE, "test_at_a_limit_everything_is_taken"),
    "WS_UNSENT_BYTES": (HOSTILE, "test_a_server_that_floods_with_pings_and_reads_nothing_ends"),
    "FIX_MESSAGE_BYTES": (CODEC, "test_the_largest_message_is_read"),
    "FIX_FIELDS": (FIX, "test_fields_have_a_limit"),
    "FIX_NOISE_BYTES": (CODEC, "test_noise_costs_no_memory"),
    "FIX_QUEUED_MESSAGES": (NUMBERS, "test_messages_behind_a_gap_have_a_limit"),
    "FIX_QUEUED_BYTES": (NUMBERS, "test_the_bytes_behind_a_gap_have_a_limit"),
    "FIX_KEPT_MESSAGES": ("wire/fix/test_session_case.py", "test_the_outbox_answers_with_messages_and_fills"),
    "FIX_CONNECT_S": (FIX, "test_a_peer_that_asks_and_does_not_read_ends"),
    "FIX_LOGON_S": (FIX, "test_a_logon_that_is_not_answered_ends"),
    "FIX_MESSAGE_S": (FIX, "test_a_message_that_never_comes_whole_ends"),
    "FIX_ENGINE_COMMAND_S": (ENGINE, "test_an_engine_that_hangs_is_ended_in_the_time_of_a_command"),
    "FIX_ENGINE_LINE_BYTES": (ENGINE, "test_a_line_has_a_limit"),
    "FIX_ENGINE_MEMORY_BYTES": (ENGINE, "test_the_engine_gets_no_more_memory_than_its_limit"),
}


@cache
def functions(path: str) -> frozenset[str]:
    """The names of a file's tests."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_limit_is_here() -> None:
    """A limit that is added says which test holds it."""
    ours = {name for name in vars(limits) if name.startswith(("RUN_", "WS_", "FIX_"))}
    assert ours == HELD_BY.keys()


@pytest.mark.parametrize("name", HELD_BY)
def test_its_test_is_there(name: str) -> None:
    """The test that holds a limit exists under its name."""
    path, function = HELD_BY[name]
    assert function in functions(path)
