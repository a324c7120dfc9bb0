"""The foreign suite is run as a project of its own, never with ours."""

collect_ignore = ["suite"]
