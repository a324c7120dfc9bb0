"""`python -m harness`: the command `harness`."""

from harness.cli import main

raise SystemExit(main())
