"""Frames a second that the library websockets receives on loopback and the json module reads.

    python ws_frames.py NUMBER < FRAME

Runs in the peers' environment: a server thread sends the same frame again and again, a client reads each and
compares one field. Prints the seconds of the reading.
"""

import json
import sys
import threading
import time

from websockets.sync.client import connect
from websockets.sync.server import serve


def main(number, frame):
    def send(connection):
        for _ in range(number):
            connection.send(frame)

    with serve(send, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        with connect(f"ws://127.0.0.1:{port}", compression=None, proxy=None) as client:
            started = time.perf_counter()
            for _ in range(number):
                [message] = json.loads(client.recv())
                assert message["event_type"] == "book"
            print(time.perf_counter() - started)
        server.shutdown()


main(int(sys.argv[1]), sys.stdin.read())
