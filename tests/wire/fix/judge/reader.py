"""quickfix as a reader of messages, in a process of its own: run as `python reader.py DICTIONARY`.

Takes one JSON question a line and answers each with one JSON line. Every question is asked in a fork, because
quickfix-ssl 1.15.1 ends the process where its own Message or validate refuses something (the C++ exception
passes through the wrapper uncaught): a fork that ends badly is a refusal.
"""

from __future__ import annotations

import json
import os
import sys
import xml.etree.ElementTree as ET
from typing import Any

import quickfix


def ask(question: dict[str, Any], book: Any) -> list[Any]:
    """Read all messages of a question; the fields of each, sorted. Ends badly where quickfix refuses one."""
    found = []
    for raw in question["raw"]:
        if question["do"] == "validate":
            book.validate(quickfix.Message(raw, book, True))
            continue
        message = quickfix.Message(raw, True)
        if question["do"] == "fields":
            parts = ET.fromstring(message.toXML()).iter("field")
            found.append(sorted((int(str(part.get("number"))), part.text or "") for part in parts))
    return found


def main(dictionary: str) -> None:
    """Answer until stdin closes."""
    book = quickfix.DataDictionary(dictionary)
    for line in sys.stdin:
        question = json.loads(line)
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read_end)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            status = 1
            try:
                os.write(write_end, json.dumps(ask(question, book)).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as answers:
            answer = answers.read()
        _, status = os.waitpid(child, 0)
        print(
            json.dumps({"good": status == 0, "fields": json.loads(answer) if status == 0 else []}), flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1])
