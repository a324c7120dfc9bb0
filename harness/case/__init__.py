"""A case: the values that one YAML file means, and how they are read."""
