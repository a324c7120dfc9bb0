"""What `harness --help` and the help of every command say, and what a misspelt word is answered with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from harness.cli import main
from harness.commands import COMMANDS, GROUPS
from harness.commands.choice import EXAMPLES, chosen
from harness.options import OPTIONS

STARTED = re.compile(r"(?:[A-Z_]+=\S+ )*((?:harness|pytest)(?: .*)?)$")
OF_PYTEST = {"-k"}


def examples(text: str) -> Iterator[list[str]]:
    """The commands that a help shows, as a shell would start them: without what is said beside them."""
    for line in text.splitlines():
        if line.startswith("  ") and (shown := re.split(r"\s{2,}", line.strip())[0]):
            for one in re.split(r" && | \| | > ", shown):
                if found := STARTED.match(one):
                    yield shlex.split(found[1])


def parses(words: list[str]) -> None:
    """Read an example's words; a slip ends the test."""
    if words[0] == "harness":
        chosen(words[1:])
    else:
        assert {each for each in words if each.startswith("-")} <= {*OPTIONS, *OF_PYTEST}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_itself(name: str) -> None:
    """The help of a command has an example of that command, and all its examples are read without a slip."""
    shown = list(examples(COMMANDS[name].examples))
    for words in shown:
        parses(words)

    assert ["harness", name] in [words[:2] for words in shown]


def test_the_first_help_shows_what_is_read() -> None:
    """All examples of `harness --help` are read without a slip, those of pytest too."""
    shown = list(examples(EXAMPLES))
    for words in shown:
        parses(words)

    assert len(shown) == len([line for line in EXAMPLES.splitlines() if line.startswith("  ")])


def test_commands_stand_in_the_order_of_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command is listed once, in groups from the ticket to the report."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    said = capsys.readouterr().out
    listed = re.findall(r"^  ([a-z-]+)(?=\s)", said.partition("\nexamples")[0], re.MULTILINE)
    titles = [title for title in re.findall(r"^([a-z ]+):$", said, re.MULTILINE) if title in GROUPS]

    assert ended.value.code == 0
    assert [each for each in listed if each in COMMANDS] == list(COMMANDS)
    assert titles == ["from a ticket", "a case", "its proof", "a target", "a ship", "a report"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_is_explained(name: str) -> None:
    """No option or argument of a command stands in its help without a word about it."""
    bare = [action.dest for action in COMMANDS[name].parser()._actions if not action.help]

    assert bare == []


@pytest.mark.parametrize("columns", ["10", "40", "80", "400"])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_in_any_width(
    name: str, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However narrow the terminal is, the help comes whole."""
    monkeypatch.setenv("COLUMNS", columns)
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert (ended.value.code, COMMANDS[name].examples.splitlines()[1] in capsys.readouterr().out) == (0, True)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (["lnit"], "harness: error: unknown command lnit: did you mean lint?\n"),
        (
            ["check_target", "venue"],
            "unknown command check_target: did you mean check-target?\n",
        ),
        (["xyzzy"], "harness: error: unknown command xyzzy: harness --help tells what there is\n"),
        (["--verison"], "harness: error: unknown option --verison: did you mean --version?\n"),
        ([], "harness: error: name a command: harness --help lists them\n"),
        (["--"], "harness: error: name a command: harness --help lists them\n"),
        (
            ["new", "ESC-1", "--form", "x"],
            "harness new: error: unknown option --form: did you mean --from?",
        ),
        (
            ["gate", "--quarantin=x", "--zzz"],
            "unknown option --zzz: harness gate --help tells what",
        ),
        (
            ["venue", "--biuld", "2026.11.2"],
            "error: unknown option --biuld: did you mean --build?\n",
        ),
        (
            ["capture", "--outptu", "x", "--", "p", "--any"],
            "error: unknown option --outptu: did you mean --output?",
        ),
    ],
)
def test_a_slip_is_told_with_the_nearest_word(
    said: list[str], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt command or option ends in usage, one line that names the nearest, and exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(said)
    told = capsys.readouterr().err

    assert (ended.value.code, answer in told) == (2, True), told


def test_what_stands_behind_two_dashes_is_not_ours() -> None:
    """A program's own options are no slips of ours."""
    _, options = chosen(["capture", "-o", "x.jsonl", "--", "python", "--form"])

    assert options.program == ["python", "--form"]
