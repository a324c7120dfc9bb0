"""Evidence: vcrpy's cassettes and ours, and programs that are not ours."""
