"""The Design space page: sample, constrain, compare, search."""
