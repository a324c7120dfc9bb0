"""Nothing leaks: secrets become placeholders of equal length before a byte reaches the disk.

By value (every secret the run knows, in every form it may travel in), then by place (header values and JSON
fields, denied by default), then by one maintained set of patterns.
"""

from harness.redact.placeholder import alike
from harness.redact.redactor import MIN_SECRET_CHARS, Hit, LeakError, Redactor
from harness.redact.secret import Secret

__all__ = ["MIN_SECRET_CHARS", "Hit", "LeakError", "Redactor", "Secret", "alike"]
