"""A run on many machines."""
