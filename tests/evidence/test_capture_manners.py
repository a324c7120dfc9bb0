"""A captured program is not disturbed, nothing secret is kept, and what was not seen is said."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from harness.evidence.capture import named

from .httpserver import Served
from .programs import captured, ended, get, harness


def test_times_are_measured_and_the_end_is_the_horizon(served: Served, tmp_path: Path) -> None:
    """A send is stamped before its answer, and the evidence reaches as far as the program ran."""
    ran = captured(tmp_path, get("/one", then="time.sleep(0.3)"), served.url)

    send, answer, horizon = ran.evidence.events
    assert send.at_us < answer.at_us < horizon.at_us - 250_000
    assert horizon.data["until_us"] <= horizon.at_us
    assert ran.evidence.header.origin == "evidence"
    assert ran.evidence.header.inputs["evidence"]["times"] == "measured"


def test_the_programs_own_ways_are_kept(served: Served, tmp_path: Path) -> None:
    """Arguments, exit code, standard output and error, sys.path and its own sitecustomize stay."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text("import builtins\nbuiltins.customised = True\n")
    program = """
        import sys, requests
        requests.get(sys.argv[1] + "/one")
        print(sys.argv[2:], customised, [each for each in sys.path if "inside" in each], file=sys.stderr)
        print("out")
        sys.exit(7)
    """
    own = {"PYTHONPATH": str(tmp_path / "own")}
    ran = captured(tmp_path, program, served.url, "--", "-o", environment=own)

    assert (ran.code, ran.out) == (7, "out\n")
    assert ran.err.splitlines()[0] == "['--', '-o'] True []"
    assert ran.evidence.header.inputs["evidence"]["exit_code"] == 7


def test_a_log_of_the_program_stays_as_it_is(served: Served, tmp_path: Path) -> None:
    """A program that logs everything finds nothing of vcrpy's or ours in it, and no warning is an error."""
    program = get("/one", first="import logging; logging.basicConfig(level=0, stream=sys.stdout)")
    python = (sys.executable, "-W", "error")
    plain = subprocess.run(
        [*python, "-c", program, served.url], capture_output=True, text=True, check=True, timeout=60
    )
    ran = captured(tmp_path, program, served.url, python=python)

    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == plain.stdout.splitlines()


SECRETS = {
    "bearer": "bearer-0a1b2c3d4e5f",
    "cookie": "cookie-0a1b2c3d4e5f",
    "given": "given by --secret-env",
    "named": "named-by-its-variable",
    "login": "c2VjcmV0IG9mIGxvZ2lu",
    "passphrase": "of the login too",
    "set-cookie": "cookie-of-the-login",
    "field": "hunter2 hunter2",
}


def test_no_secret_is_kept_wherever_it_is_echoed(served: Served, tmp_path: Path) -> None:
    """Credentials by place, by variable and by what an answer taught are in no byte of the evidence."""
    program = """
        import os, sys, requests
        url = sys.argv[1]
        requests.post(url + "/early", data="given by --secret-env, bearer-0a1b2c3d4e5f")
        requests.get(url + "/bearer-0a1b2c3d4e5f?k=named-by-its-variable",
                     cookies={"sid": "cookie-0a1b2c3d4e5f"},
                     headers={"Authorization": "Bearer bearer-0a1b2c3d4e5f"})
        requests.post(url + "/body", json={"password": "hunter2 hunter2", "note": "cookie-0a1b2c3d4e5f"})
        given = requests.get(url + "/login").json()
        requests.post(url + "/echo", json={"a": given["secret"], "b": given["passphrase"],
                      "c": "cookie-of-the-login", "d": "hunter2 hunter2", "e": "given by --secret-env"})
    """
    environment = {"OPAQUE": SECRETS["given"], "BOT_PASSPHRASE": SECRETS["named"]}
    ran = captured(tmp_path, program, served.url, environment=environment, options=("--secret-env", "OPAQUE"))

    assert ran.code == 0, ran.err
    assert [name for name, secret in SECRETS.items() if secret in ran.text + ran.err] == []
    assert len(ran.urls) == 5
    assert oct(ran.path.stat().st_mode & 0o777) == "0o600"


def test_a_program_that_sends_nothing(tmp_path: Path) -> None:
    """It is said, nothing is written, and the exit code stays the program's."""
    ran = captured(tmp_path, "raise SystemExit(5)")

    assert ran.code == 5
    assert "sent no HTTP that could be seen" in ran.err
    assert list((tmp_path / "evidence").iterdir()) == []


def test_evidence_is_never_written_over(served: Served, tmp_path: Path) -> None:
    """A second capture of the same name is refused before the program begins."""
    first = captured(tmp_path, get("/one"), served.url)
    before = first.path.read_bytes()
    second = captured(tmp_path, get("/never"), served.url)

    assert (second.code, second.out) == (2, "")
    assert "I011" in second.err
    assert served.count("/never") == 0
    assert first.path.read_bytes() == before


NOT_CAPTURED = {
    "no Python": (("/bin/echo",), "I022"),
    "isolated": ((sys.executable, "-I"), "I022"),
    "no program": (("./nothing-of-that-name",), "I020"),
}


@pytest.mark.parametrize("way", NOT_CAPTURED)
def test_what_could_not_be_captured_is_an_error(way: str, tmp_path: Path) -> None:
    """A program that nothing was seen of, because nothing could be, is no success."""
    python, code = NOT_CAPTURED[way]
    ran = captured(tmp_path, "print('ran')", python=python)

    assert ran.code == 2
    assert f"harness: {code}" in ran.err
    assert not ran.path.exists()


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python of its own, without vcrpy and without us."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return str(folder / "bin" / "python")


def test_a_python_without_vcrpy_is_not_begun(bare_python: str, tmp_path: Path) -> None:
    """The program of an interpreter that lacks vcrpy does not run at all: nothing is sent unseen."""
    ran = captured(tmp_path, "open('ran', 'w').close()", python=(bare_python,))

    assert ran.code == 2
    assert "I021" in ran.err
    assert "No module named 'vcr'" in ran.err
    assert not (tmp_path / "ran").exists()


def test_a_later_python_without_vcrpy_is_told(bare_python: str, served: Served, tmp_path: Path) -> None:
    """A program may start a Python that cannot be captured: it runs, and evidence and terminal say so."""
    program = f"import subprocess\nsubprocess.run([{bare_python!r}, '-c', 'pass'], check=True)\n" + get(
        "/one"
    )
    ran = captured(tmp_path, program, served.url)

    assert ran.code == 0, ran.err
    assert "not captured: " + bare_python in ran.err
    assert ran.evidence.header.inputs["evidence"]["not_captured"][0].startswith(bare_python)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python customer.py --key 0xsecret", "customer"),
        ("python -u bots/maker.py", "maker"),
        ("python -m bots.maker --once", "bots.maker"),
        ("python -c print(1)", "python"),
        ("./run", "run"),
    ],
)
def test_evidence_is_named_after_what_ran(command: str, name: str) -> None:
    """By the script or module, never by an argument."""
    assert named(command.split()) == name


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "U050"),
        (("--unfinished", "x.jsonl", "--from-vcr", "y.yaml"), "U050"),
        (("--secret-env", "NOT_SET", "--", "python", "x.py"), "U051"),
        (("--unfinished", "x.jsonl"), "I013"),
        (("--from-vcr", "none.yaml"), "I004"),
    ],
)
def test_what_was_asked_wrongly_is_said(arguments: tuple[str, ...], code: str, tmp_path: Path) -> None:
    """A usage error ends with 2 and its code, and nothing is run or written."""
    ran = ended(harness("capture", *arguments, cwd=tmp_path), tmp_path / "none")

    assert ran.code == 2
    assert ran.err.startswith(f"harness: {code}")
    assert list(tmp_path.iterdir()) == []
