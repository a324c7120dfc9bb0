"""Every HTTP client of a captured program is seen, in threads and processes, with what was lost."""

from __future__ import annotations

import textwrap
import threading
from pathlib import Path

import pytest
from websockets.sync.server import serve

from harness.evidence.capture import NO_END
from harness.model import Kind

from .httpserver import Served
from .programs import captured

CLIENTS = {
    "httpx": """
        import httpx
        print(httpx.get(url + "/one?a=1").json()["path"])
        print(httpx.post(url + "/two", content=b"said").json()["body"])
    """,
    "httpx async": """
        import asyncio, httpx
        async def main():
            async with httpx.AsyncClient(base_url=url) as client:
                print((await client.get("/one?a=1")).json()["path"])
                print((await client.post("/two", content=b"said")).json()["body"])
        asyncio.run(main())
    """,
    "requests": """
        import requests
        with requests.Session() as session:
            print(session.get(url + "/one", params={"a": 1}).json()["path"])
            print(session.post(url + "/two", data=b"said").json()["body"])
    """,
    "urllib3": """
        import urllib3
        pool = urllib3.PoolManager()
        print(pool.request("GET", url + "/one?a=1").json()["path"])
        print(pool.request("POST", url + "/two", body=b"said").json()["body"])
    """,
    "urllib": """
        import json, urllib.request
        print(json.load(urllib.request.urlopen(url + "/one?a=1"))["path"])
        print(json.load(urllib.request.urlopen(url + "/two", data=b"said"))["body"])
    """,
    "http.client": """
        import http.client, json, urllib.parse
        line = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)
        line.request("GET", "/one?a=1")
        print(json.loads(line.getresponse().read())["path"])
        line.request("POST", "/two", body=b"said")
        print(json.loads(line.getresponse().read())["body"])
        line.close()
    """,
    "aiohttp": """
        import asyncio, aiohttp
        async def main():
            async with aiohttp.ClientSession(base_url=url) as session:
                async with session.get("/one", params={"a": "1"}) as answer:
                    print((await answer.json(content_type=None))["path"])
                async with session.post("/two", data=b"said") as answer:
                    print((await answer.json(content_type=None))["body"])
        asyncio.run(main())
    """,
}


def test_every_client_is_seen(served: Served, tmp_path: Path) -> None:
    """Requests and answers of each HTTP client are kept whole, with the host; the program sees them too."""
    program = "import sys; url = sys.argv[1]\n" + "\n".join(map(textwrap.dedent, CLIENTS.values()))
    ran = captured(tmp_path, program, served.url)

    assert (ran.code, ran.out) == (0, "/one?a=1\nsaid\n" * len(CLIENTS)), ran.err
    assert ran.urls == ["/one?a=1", "/two"] * len(CLIENTS)
    answers = {event.index: event.data["wire"] for event in ran.events(Kind.ANSWER)}
    for send in ran.events(Kind.SEND):
        wire, answer = send.data["wire"], answers[send.index]
        assert wire["base"] == served.url
        assert (wire["method"], wire.get("body")) in (("GET", None), ("POST", "said"))
        assert (answer["status"], f'"{wire["target"]}"' in answer["body"]) == (200, True)


def test_threads_never_pass_by_unseen(served: Served, tmp_path: Path) -> None:
    """Eight threads with connections of their own: all 160 exchanges are kept, of three clients at once."""
    program = """
        import sys, requests, urllib.request, httpx
        from concurrent.futures import ThreadPoolExecutor
        url = sys.argv[1]
        asks = [
            lambda at: requests.get(url + at).status_code,
            lambda at: urllib.request.urlopen(url + at).status,
            lambda at: httpx.get(url + at).status_code,
            lambda at: requests.post(url + at, data=b"x").status_code,
        ]
        with ThreadPoolExecutor(8) as threads:
            print(set(threads.map(lambda n: asks[n % 4](f"/t/{n}"), range(160))))
    """
    ran = captured(tmp_path, program, served.url)

    assert ran.out == "{200}\n", ran.err
    assert sorted(ran.urls) == sorted(f"/t/{number}" for number in range(160))
    answers = {event.index: event.data["wire"]["body"] for event in ran.events(Kind.ANSWER)}
    for send in ran.events(Kind.SEND):
        assert f'"{send.data["wire"]["target"]}"' in answers[send.index]


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_processes_of_the_program_are_seen(way: str, served: Served, tmp_path: Path) -> None:
    """What the program's own processes send is kept with the rest."""
    program = f"""
        import multiprocessing, subprocess, sys, requests
        def ask(url):
            requests.get(url)
        if __name__ == "__main__":
            child = multiprocessing.get_context({way!r}).Process(target=ask, args=(sys.argv[1] + "/child",))
            child.start()
            child.join()
            ask(sys.argv[1] + "/parent")
            code = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"
            subprocess.run([sys.executable, "-c", code, sys.argv[1] + "/other"], check=True)
    """
    ran = captured(tmp_path, program, served.url)

    assert ran.code == 0, ran.err
    assert ran.urls == ["/child", "/parent", "/other"]


LOSING = """
    import asyncio, sys, urllib.request, aiohttp, httpx, requests
    async def with_aiohttp(url):
        async with aiohttp.ClientSession() as session:
            await session.get(url, timeout=aiohttp.ClientTimeout(total=0.3))
    for ask in (
        lambda url: requests.get(url, timeout=0.3),
        lambda url: httpx.get(url, timeout=0.3),
        lambda url: urllib.request.urlopen(url, timeout=0.3),
        lambda url: asyncio.run(with_aiohttp(url)),
    ):
        for url in (sys.argv[1] + "/silence", sys.argv[1] + "/cut", "http://127.0.0.1:1/nobody"):
            try:
                ask(url)
            except Exception as error:
                print(type(error).__name__)
"""


def test_an_answer_that_never_came_is_told(served: Served, tmp_path: Path) -> None:
    """Time-outs, cut and refused connections are kept as what they were: sent, no answer, when and why."""
    ran = captured(tmp_path, LOSING, served.url)

    assert len(ran.out.split()) == 12, ran.err
    assert ran.urls == ["/silence", "/cut", "/nobody"] * 4
    assert [event.kind for event in ran.evidence.events[:-1]] == [Kind.SEND, Kind.LOST] * 12
    for number, lost in enumerate(ran.events(Kind.LOST)):
        assert lost.data["why"] != NO_END
        assert number % 3 != 2 or "Connect" in lost.data["why"]
    assert "12 without an answer" in ran.err


def test_redirects_are_exchanges_of_their_own(served: Served, tmp_path: Path) -> None:
    """A redirect that a client follows is two exchanges, with every client alike."""
    program = """
        import asyncio, sys, aiohttp, httpx, requests
        url = sys.argv[1] + "/redirect"
        requests.get(url)
        httpx.get(url, follow_redirects=True)
        async def main():
            async with aiohttp.ClientSession() as session:
                await session.get(url)
        asyncio.run(main())
    """
    ran = captured(tmp_path, program, served.url)

    assert ran.urls == ["/redirect", "/end"] * 3
    assert [event.data["wire"]["status"] for event in ran.events(Kind.ANSWER)] == [302, 200] * 3


def test_a_form_of_aiohttp_is_a_form(served: Served, tmp_path: Path) -> None:
    """A mapping that aiohttp writes as a form is kept as the form, and as JSON where it is JSON."""
    program = """
        import asyncio, sys, aiohttp
        async def main():
            async with aiohttp.ClientSession(base_url=sys.argv[1]) as session:
                await session.post("/form", data={"a": "b c"})
                await session.post("/json", json={"a": 1})
        asyncio.run(main())
    """
    ran = captured(tmp_path, program, served.url)

    assert [event.data["wire"]["body"] for event in ran.events(Kind.SEND)] == ["a=b+c", '{"a": 1}']


def test_bodies_are_unpacked_or_told_of(served: Served, tmp_path: Path) -> None:
    """gzip is kept as its text, bytes as base64, and a body over the limit is told of and not kept."""
    program = """
        import sys, httpx, requests
        for get in (requests.get, httpx.get):
            print(get(sys.argv[1] + "/zipped").json())
            assert len(get(sys.argv[1] + "/bytes").content) == 256
            assert len(get(sys.argv[1] + "/size?n=3000000").content) == 3_000_000
    """
    ran = captured(tmp_path, program, served.url)

    assert ran.out == "{'zipped': True}\n" * 2, ran.err
    for zipped, raw, large in (ran.events(Kind.ANSWER)[:3], ran.events(Kind.ANSWER)[3:]):
        assert zipped.data["wire"]["body"] == '{"zipped":true}'
        assert raw.data["wire"]["body_base64"].startswith("AAEC")
        assert large.data["wire"]["body_omitted"] == "3000000 bytes: more than 2097152"
        assert "body" not in large.data["wire"]


STREAMS = """
    import asyncio, sys, aiohttp, httpx
    url, headers = sys.argv[1] + "/events", {"accept": "text/event-stream"}
    with httpx.stream("GET", url, headers=headers) as answer:
        print(next(answer.iter_lines()))
    async def main():
        async with httpx.AsyncClient() as client, client.stream("GET", url, headers=headers) as answer:
            print(await anext(answer.aiter_lines()))
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            print((await answer.content.readline()).decode().strip())
    asyncio.run(main())
"""


def test_a_stream_of_events_is_let_through(served: Served, tmp_path: Path) -> None:
    """A program that listens to an endless stream of events gets each as it comes; it is told of."""
    ran = captured(tmp_path, STREAMS, served.url)

    assert ran.out == "data: first\n" * 3, ran.err
    omitted = [event.data["wire"]["body_omitted"] for event in ran.events(Kind.ANSWER)]
    assert omitted == ["a stream of events"] * 3


def test_a_websocket_of_the_program_is_let_through(served: Served, tmp_path: Path) -> None:
    """A WebSocket opens and speaks as without us; it is not HTTP, so nothing of it is kept."""
    program = """
        import asyncio, sys, aiohttp
        async def main():
            async with aiohttp.ClientSession() as session:
                async with session.ws_connect(sys.argv[1]) as line:
                    await line.send_str("said")
                    print((await line.receive()).data)
                await (await session.get(sys.argv[2] + "/one")).read()
        asyncio.run(main())
    """
    with serve(lambda line: line.send(line.recv()), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        ran = captured(tmp_path, program, where, served.url)

    assert (ran.code, ran.out) == (0, "said\n"), ran.err
    assert ran.urls == ["/one"]
