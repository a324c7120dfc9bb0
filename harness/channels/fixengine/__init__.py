"""A real QuickFIX engine in a process of its own: `python -m harness.channels.fixengine`.

quickfix's Python binding ends or crashes the process that uses it in more than one way, so it runs where a
crash costs one case: in one thread, driven by `poll()`, never started; no exception leaves a callback; the
engine is freed before what it stands on. The engine connects to a tap in the same process, which passes the
bytes on and tells every message of both directions in the order of the wire, whatever the engine makes of it.

Lines of JSON come in on stdin and go out on stdout; the process ends when its stdin does.

    in    {"do": "open", "begin_string": …, "sender": …, "target": …}                         once, first
          {"do": "logon", "addresses": […], "port": …, "fields": [[tag, text], …], "reset": …, "by": …}
                                                                                            numeric, judged
          {"do": "logout", "text": …}
          {"do": "send", "type": …, "fields": [[tag, text], …]}
          {"do": "set", "next_out": …, "next_in": …}                                          either or both
          {"do": "disconnect"}
    out   {"event": "absent", "text": …}             quickfix cannot be loaded; the process ends
          {"event": "opened"}                        a connection to the exchange
          {"event": "unreachable", "text": …}        none
          {"event": "out" or "in", "raw": …, "by": "case", "session" or "peer", "garbled": …}
          {"event": "logged_on"}
          {"event": "closed", "text": …}
          {"event": "done", "why" or "fault": …}     one for each command; not carried out, as things stand
                                                     (`why`) or ever (`fault`: the case asks for too much)
          {"event": "problem", "text": …}            what the engine or we tripped over

Every event has `at_ns`, the machine's monotonic clock where it happened.
"""
