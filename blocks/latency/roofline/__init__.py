"""Machines as roofs: peaks, microbenchmarks, estimates and how far off they are."""
