"""FIX as values: bytes to messages and back, names by dictionary, and a session without sockets or clocks.

From the ground up:

    tags        the tag numbers that the session layer itself needs
    message     what a parser gives: Message, Garbled, Flaw
    codec       bytes to frames (Parser) and fields to bytes (encode)
    written     FIX as people write it, with `|`; checksums put right, or wrong as they were
    rewriting   written FIX with values replaced: lengths and checksums follow, errors stay
    fields      the dictionary's fields; layouts: its messages and groups; both are tables
    layout      fields and layouts as values, checked when made
    names       what is wrong with a name, and which one was meant
    checking    what is wrong with a message by the dictionary
    dictionary  names, types and repeating groups: to_view, from_view, canonical, flaws
    times       UTCTimestamp to microseconds and back
    events      what a session says happened
    outbox      what was sent, and what a ResendRequest is answered with
    rules       who we are, how long we wait, what a flaw is answered with
    session     the session: a state machine that takes bytes and times and gives events

"""
