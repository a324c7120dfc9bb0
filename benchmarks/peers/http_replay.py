"""Interactions a second of vcrpy and cassetter, replayed from a cassette that each recorded itself.

    python http_replay.py LIBRARY URL NUMBER

Runs in the peers' environment. Each answer's status and one field are compared, as a case would. Prints
the seconds of the replay, reading the cassette included.
"""

import sys
import tempfile
import time
from pathlib import Path

import cassetter
import httpx
import vcr


def reads(url, number):
    with httpx.Client(trust_env=False) as client:
        for each in range(number):
            answer = client.get(f"{url}/book?token_id=1&n={each}")
            assert answer.status_code == 200
            assert answer.json()["tick_size"] == "0.01"


def main(library, url, number):
    file = str(Path(tempfile.mkdtemp()) / "cassette.yaml")
    if library == "vcrpy":
        recording, replaying = (vcr.VCR(record_mode=mode) for mode in ("once", "none"))
        record, replay = recording.use_cassette(file), replaying.use_cassette(file)
    else:
        record = cassetter.use_cassette(file, record_mode="once")
        replay = cassetter.use_cassette(file, record_mode="none")
    with record:
        reads(url, number)
    started = time.perf_counter()
    with replay:
        reads(url, number)
    print(time.perf_counter() - started)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
