"""Nobody is named: a customer's addresses, hashes, accounts and names become others of the same shape.

One keyed map a cassette, whose key and table end with the run. docs/redaction.md says what is replaced, how,
and what is not.

From the ground up:

    keyed       the map: injective, different for every cassette
    shapes      what an image of each kind looks like; spelling: hex as its value was spelled
    public      what is no identity, with reasons; places: the fields that hold names
    tokens      what an identity looks like in a text; layouts: numbers inside calls and logs
    known       what is known of one cassette
    images      what stands for each of them
    identities  Identities: learn, then replace
    remaining   what was missed: the last look before a cassette is written
"""

from harness.identities.identities import Identities

__all__ = ["Identities"]
