"""Mutation testing of the modules that everything else trusts: `scripts/mutation --help`."""
