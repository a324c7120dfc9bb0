"""How strong a case is: faults put into its fixed recording, one at a time, and whether it notices them.

A case that was seen red once may still be red for one thing only. Here its recording is changed in memory,
field by field and event by event, in all that its own words speak of, and replayed.
"""

from harness.strength.atoms import GONE
from harness.strength.measure import Fate, Judged, Strength, share
from harness.strength.mutants import Mutant

__all__ = ["GONE", "Fate", "Judged", "Mutant", "Strength", "share"]
