"""The workflows as files, and their steps as a runner runs them."""
