"""Named limits. Each says in its comment what it protects and which precedent set it."""

from __future__ import annotations

from typing import Final

# ---- case files (strictyaml) -------------------------------------------------------------------
# The largest case anybody wrote by hand is under 8 KiB; 256 KiB leaves room for a pasted body.
YAML_TEXT_BYTES: Final = 256 * 1024
# libyaml's own composer dies (SIGSEGV) on 100 000 nested brackets; msgspec and the standard JSON
# reader stop near 1 000. A case that people can read stays under 12.
YAML_DEPTH: Final = 32
# An "alias bomb" of 305 bytes makes 5 million nodes elsewhere; here a node costs its text.
YAML_NODES: Final = 20_000
# One text in a case: a signed order or a FIX message is under 4 KiB; 64 KiB holds a whole HTML error page.
YAML_SCALAR_BYTES: Final = 64 * 1024
# 2**256 - 1, the largest integer that a contract knows, has 78 digits; CPython refuses 4 300.
YAML_INT_DIGITS: Final = 78
# The largest power of ten that a double carries: no venue's JSON reader holds more.
YAML_EXPONENT: Final = 308
# Problems reported for one file: nobody reads more at a time (compilers stop at 20 to 100).
YAML_PROBLEMS: Final = 50
# Texts without their quotes that reading goes on behind; each costs one more reading of the file (and all
# readings together no more values than one file may have).
YAML_MENDS: Final = 10

# ---- JSON on the wire ---------------------------------------------------------------------------
# msgspec and the standard reader stop near 1 000, at Python's own limit; our deepest message has 8 levels.
JSON_DEPTH: Final = 200

# ---- evidence ------------------------------------------------------------------------------------
# One body of a customer's exchange, decoded; a longer one is told of and not kept. The largest page of the
# CLOB is under 2 MiB, and looking for secrets in 2 MiB holds a captured program up for about a second.
CAPTURED_BODY_BYTES: Final = 2 * 1024 * 1024
# A vcrpy cassette: 10 000 interactions are 13.6 MB.
RECORDED_TEXT_BYTES: Final = 32 * 1024 * 1024
# Levels: an interaction's header value stands on the sixth; file bodies and JSON of aiohttp go deeper.
RECORDED_DEPTH: Final = 24
# Values in one interaction (about 80 with twenty headers); all outside of interactions share one budget too.
RECORDED_PART_NODES: Final = 2_000
# Values in the whole file: 10 000 interactions (where vcrpy itself takes 0.4 s a request) with room.
RECORDED_NODES: Final = 1_000_000

# A folder of evidence: files, and one file (a browser's HAR of a day's trading is some 60 MB).
TICKET_FILES: Final = 500
TICKET_FILE_BYTES: Final = 256 * 1024 * 1024
# Transactions of one ticket that a node is asked about; a market maker's log names thousands.
TICKET_TRANSACTIONS: Final = 200
# Its accounts, the outcome tokens looked at for each, and the blocks whose events are: more than an hour, and
# public nodes give no more of them at once.
TICKET_ADDRESSES: Final = 50
TICKET_TOKENS: Final = 10
TICKET_LOG_BLOCKS: Final = 2_000

# ---- references --------------------------------------------------------------------------------
# What one text with references may become; the same as one text in a case.
REFERENCE_TEXT_BYTES: Final = 64 * 1024
# Names and parts in one reference: `${round[*].fill.legs[0].price}` has six.
REFERENCE_PARTS: Final = 16
# An index or a shift has at most so many digits: 999 999 999 s is 31 years.
REFERENCE_DIGITS: Final = 9

# ---- matchers ----------------------------------------------------------------------------------
# A received value is walked no deeper than this (our own JSON nests 5 levels; the venue's 8).
VALUE_DEPTH: Final = 64
# Differences reported for one expectation.
DIFFERENCES: Final = 50
# A value is shown with at most so many characters: about two lines of a terminal.
SHOWN_CHARACTERS: Final = 160
# A `$matches` pattern: characters, states of its machine (RE2's default budget is far larger, but
# ours runs in Python), and the text it searches.
PATTERN_CHARACTERS: Final = 500
PATTERN_STATES: Final = 500
PATTERN_REPEAT: Final = 100
PATTERN_TEXT_CHARACTERS: Final = 64 * 1024
# Items that `$unordered` pairs: each is tried with each, and 300 mappings take about a second.
UNORDERED_ITEMS: Final = 300

# ---- HTTP answers -------------------------------------------------------------------------------
# One exchange, from the connect to the last byte of the answer, however slowly it drips. Libraries count
# per read (a drip of one byte a second never ends there); the exchange's own gateway gives up after 10 s.
HTTP_EXCHANGE_S: Final = 10
# A status line with its headers, one chunk's head, or the trailers: Node takes 16 KiB, http.client 64 KiB a
# line, curl 300 KiB in all.
HTTP_HEAD_BYTES: Final = 64 * 1024
# Headers of one head or trailers of one body: Apache and http.client stop at 100, curl at 5,000.
HTTP_HEADERS: Final = 256
# Interim answers (1xx) before the answer: Go's transport takes five.
HTTP_INTERIM: Final = 5
# A body as it is read, decoded: the largest page of the CLOB is under 2 MiB.
HTTP_BODY_BYTES: Final = 8 * 1024 * 1024
# All bytes of one answer as they come, head, chunk heads and body: twice the body.
HTTP_ANSWER_BYTES: Final = 16 * 1024 * 1024
# Chunk heads and extensions beside the data: so much in all, and more with every chunk and byte of data
# (16 bytes a chunk and twice its data, as Go counts since CVE-2023-39326).
HTTP_CHUNKING_BYTES: Final = 16 * 1024
# Chunks of one body: reading one takes ten microseconds however small it is. Of so many, those of the largest
# body have 128 bytes each.
HTTP_CHUNKS: Final = 64 * 1024
# A body that decodes to more than so many times what came: Apache's inflater stops at 200 (zlib's best is
# 1,032). Small bodies are let be: a mebibyte hurts nobody.
HTTP_INFLATION: Final = 200
HTTP_INFLATION_FROM_BYTES: Final = 1024 * 1024
# A connection that was idle for longer is not used again: Node closes after 5 s, the shortest of the usual
# servers, and a request that crosses with the close is lost.
HTTP_IDLE_US: Final = 4_000_000
# Idle connections that one client keeps: httpx keeps 20.
HTTP_IDLE_CONNECTIONS: Final = 20

# ---- the record of a live run ------------------------------------------------------------------
# Events of one run, marks and ends of streams aside: a busy market channel brings 50 a second, so this is a
# quarter of an hour. An event costs about 600 bytes of memory, so that a flood costs 30 MB.
RUN_EVENTS: Final = 50_000
# What the texts of one run's events may take in memory: a text with one emoji takes four bytes a character.
RUN_TEXT_BYTES: Final = 24 * 1024 * 1024
# Beyond both, room for what a case asks and is answered, so that a flood keeps nobody from cleaning up: one
# answer of the largest size, and more requests than any `finally` has.
RUN_RESERVE_EVENTS: Final = 1_000
RUN_RESERVE_BYTES: Final = 10 * 1024 * 1024

# ---- WebSocket ---------------------------------------------------------------------------------
# Connecting, TLS and the opening handshake together; a browser gives up later, an exchange answers in 0.2 s.
WS_OPEN_S: Final = 5
# The other side's half of a closing handshake, or that it hangs up.
WS_CLOSE_S: Final = 5
# How long what we said may stay unsent because the other side does not read.
WS_SEND_S: Final = 5
# From the first byte of a message to its last, fragments and all.
WS_MESSAGE_S: Final = 30
# After our own close for a broken rule: so long the other side may take to see why, and no longer.
WS_LINGER_S: Final = 1
# Status line and headers of the handshake's answer; h11's own limit. More than 100 headers fit.
WS_HANDSHAKE_BYTES: Final = 16 * 1024
# The largest message, in one frame or in fragments; websockets' own default.
WS_MESSAGE_BYTES: Final = 1024 * 1024
# Fragments of one message; websockets' own default.
WS_FRAGMENTS: Final = 4096
# Pings and pongs of one connection: one a second for a day, and a bit.
WS_CONTROL_FRAMES: Final = 100_000
# What may wait to be sent before we stop reading: the answers to one read's pings fit.
WS_UNSENT_BYTES: Final = 512 * 1024

# ---- FIX ---------------------------------------------------------------------------------------
# The largest message we wait for. A full-depth market data snapshot of a venue is under 100 kB; FIX itself
# sets no limit, and a wrong BodyLength of 9 digits would make a session deaf for a gigabyte.
FIX_MESSAGE_BYTES: Final = 1024 * 1024
# Fields of one message: a snapshot of 4 000 entries. A mebibyte of the shortest fields would cost 40 MB.
FIX_FIELDS: Final = 20_000
# Noise is handed on in pieces of at most this size, so that a peer that speaks no FIX costs no memory.
FIX_NOISE_BYTES: Final = 4096
# Messages that wait for a gap to be filled: more than any burst between a loss and its resend.
FIX_QUEUED_MESSAGES: Final = 10_000
# And their bytes: a message that was read takes ten times as much memory.
FIX_QUEUED_BYTES: Final = 2 * 1024 * 1024
# Messages kept for a resend. A day of a busy test session is under 10 000; older ones are gap-filled, which
# FIX allows ("a sender may choose to gap fill"), and a session of millions costs no more memory than this.
FIX_KEPT_MESSAGES: Final = 100_000
# Connecting, or writing one message that the other side does not read.
FIX_CONNECT_S: Final = 5
# The answer to a Logon: QuickFIX's and QuickFIX/J's default.
FIX_LOGON_S: Final = 10
# From the first byte of a message to its last.
FIX_MESSAGE_S: Final = 30
# One command to the quickfix engine's process, from its being given to its being carried out.
FIX_ENGINE_COMMAND_S: Final = 10
# One line that it says: the largest message, each byte written as four characters and one more for JSON.
FIX_ENGINE_LINE_BYTES: Final = 6 * 1024 * 1024
# All memory that it may ask for: quickfix itself keeps whatever a peer sends of one message.
FIX_ENGINE_MEMORY_BYTES: Final = 1024 * 1024 * 1024
