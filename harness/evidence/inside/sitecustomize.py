"""Python imports `sitecustomize` as it starts: this one starts the capture, then the program's own."""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
_ours = sys.modules.get(__name__)

import harness_capturing  # noqa: E402 # while our folder is still on the path

sys.path[:] = [each for each in sys.path if os.path.abspath(each or os.curdir) != _here]
sys.modules.pop(__name__, None)
try:
    import sitecustomize  # noqa: F401  # the program's own, if it has one
except ModuleNotFoundError as missing:
    if missing.name != __name__:
        raise
finally:
    if _ours is not None:  # the import that is going on here looks for its module when it ends
        sys.modules.setdefault(__name__, _ours)

harness_capturing.start()
