"""Sweeps: a grid of experiments, measured cell by cell on this machine or a cluster."""
