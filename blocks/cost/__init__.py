"""Readings of a trace: table, memory, receptive field, formulas."""
