"""Counting many variants of one network: sampling its knobs, counting them exactly, fronts, budgets, power laws and search."""
