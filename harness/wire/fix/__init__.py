"""FIX as values: bytes to messages and back, names by dictionary, and a session without sockets or clocks.

tags        the tag numbers that the session layer itself needs
message     what a parser gives: Message, Garbled, Flaw
codec       bytes to frames (Parser) and fields to bytes (encode)
written     FIX as people write it, with `|`; checksums put right, or wrong as they were
fields      the dictionary's fields, layouts its messages and groups
dictionary  names, types and repeating groups: to_view, from_view, canonical, flaws
events      what a session says happened
outbox      what was sent, and what a ResendRequest is answered with
session     the session: a state machine that takes bytes and times and gives events
"""
