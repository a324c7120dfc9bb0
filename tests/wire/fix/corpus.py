"""Messages that tests start from, written as people write FIX, and bytes made from them."""

from __future__ import annotations

import random

from harness.wire.fix.written import seal

HEAD = "49=ALICE|56=VENUE|34=2|52=20260301-12:00:00.000|"
ORDER = f"8=FIX.4.4|35=D|{HEAD}11=c1|55=YES-2027|54=1|60=20260301-12:00:00.000|38=5|40=2|44=0.52|59=1|"
PARTIES = "453=2|448=ACME|447=D|452=1|802=1|523=desk|803=2|448=DESK7|447=D|452=24|"
REPORT = (
    f"8=FIXT.1.1|35=8|{HEAD}37=o1|17=e1|11=c1|150=F|39=1|{PARTIES}55=YES-2027|54=1|38=5|44=0.52|32=2|31=0.52|"
    "151=3|14=2|6=0.52|"
)
BOOK = f"8=FIX.4.4|35=W|{HEAD}262=r1|55=YES-2027|268=2|269=0|270=0.51|271=100|269=1|270=0.53|271=7|"
LOGON = f"8=FIX.4.4|35=A|{HEAD}98=0|108=30|95=5|96=a|b=c|"
HEARTBEAT = f"8=FIXT.1.1|35=0|{HEAD}112=T1|"

WRITTEN = (ORDER, REPORT, BOOK, LOGON, HEARTBEAT)
CORPUS = tuple(seal(text) for text in WRITTEN)

_INTERESTING = (
    b"\x01",
    b"=",
    b"8=FIX",
    b"10=",
    b"9=",
    b"35=",
    b"-",
    b"0",
    b"\xff",
    b"\x0110=000\x01",
    b"99999999",
)


def mutant(random_source: random.Random) -> bytes:
    """One to three messages of the corpus with one to three things done to their bytes."""
    stream = bytearray(b"".join(random_source.choices(CORPUS, k=random_source.randint(1, 3))))
    for _ in range(random_source.randint(1, 3)):
        at = random_source.randrange(len(stream) + 1)
        match random_source.randrange(5):
            case 0:
                stream[at : at + 1] = bytes([random_source.randrange(256)])
            case 1:
                del stream[at : at + random_source.randint(1, 20)]
            case 2:
                stream[at:at] = random_source.choice(_INTERESTING)
            case 3:
                other = random_source.choice(CORPUS)
                start = random_source.randrange(len(other))
                stream[at:at] = other[start : start + random_source.randint(1, 30)]
            case _:
                stream[at : at + 1] = b"%d" % random_source.randrange(10)
    return bytes(stream)
