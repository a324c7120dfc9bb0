"""Sixty tests or so, of every outcome, with the plugins' own fixtures and marks."""

import asyncio
import os
import random
import sys
import warnings

import pytest


@pytest.mark.parametrize("number", range(20))
def test_parametrized(number, case):
    assert case == f"test_parametrized[{number}]"


@pytest.mark.parametrize("text", ["ESC-1118", "«secret»", "a b", "\x1b[31m", "::error::"])
def test_ids(text):
    assert text


def test_options(request):
    assert request.config.getoption("--target") in ("x86", "arm64")
    assert request.config.getoption("--build") == "debug"


def test_nothing_of_the_harness_is_loaded():
    loaded = {name for name in sys.modules if name.split(".")[0] == "harness"}
    assert loaded <= {"harness", "harness.shim"}, loaded
    assert not {"web3", "quickfix", "websockets", "msgspec"} & set(sys.modules)


@pytest.mark.asyncio
async def test_asyncio():
    await asyncio.sleep(0)


@pytest.mark.anyio
async def test_anyio(anyio_backend_name):
    assert anyio_backend_name == "asyncio"


@pytest.fixture
def anyio_backend():
    return "asyncio"


def test_mock(mocker):
    fake = mocker.patch("os.getcwd", return_value="/nowhere")
    assert os.getcwd() == "/nowhere"
    fake.assert_called_once()


@pytest.mark.freeze_time("2026-02-03")
def test_freezer():
    import datetime

    assert datetime.date.today() == datetime.date(2026, 2, 3)


@pytest.mark.order(1)
def test_ordered():
    assert True


@pytest.mark.timeout(30)
def test_timed():
    assert True


@pytest.mark.flaky(reruns=2)
def test_flaky(request, tmp_path_factory):
    seen = tmp_path_factory.getbasetemp() / f"seen-{os.environ.get('PYTEST_XDIST_WORKER', '')}"
    if not seen.exists():
        seen.write_text("once", encoding="utf-8")
        raise AssertionError("the first time")


def test_snapshot(snapshot):
    assert snapshot == {"a": 1}


def test_random():
    assert 0 <= random.random() < 1


def test_benchmark(benchmark):
    assert benchmark(lambda: 2) == 2


def test_httpserver(httpserver):
    httpserver.expect_request("/").respond_with_data("ok")
    import urllib.request

    with urllib.request.urlopen(httpserver.url_for("/")) as answer:
        assert answer.read() == b"ok"


@pytest.mark.vcr
def test_recording(vcr):
    assert vcr is not None


def test_subtests(subtests):
    for number in range(3):
        with subtests.test(number=number):
            assert number != 1


def test_properties(record_property, caplog, capsys):
    record_property("token", "not ours to hide: hunter2hunter2")
    print("out")
    assert capsys.readouterr().out == "out\n"


def test_warning():
    warnings.warn("theirs", UserWarning, stacklevel=1)


def test_fails():
    secret_local = "hunter2"
    assert secret_local == "hunter3"


def test_error(no_such_fixture):
    pass


@pytest.mark.xfail(reason="theirs")
def test_xfails():
    raise AssertionError


@pytest.mark.skip(reason="theirs")
def test_skipped():
    pass


class TestClass:
    def test_method(self):
        assert self

    @staticmethod
    def test_static():
        assert True


def test_hypothesis():
    from hypothesis import given
    from hypothesis import strategies as st

    @given(st.integers())
    def inner(number):
        assert number == number

    inner()
