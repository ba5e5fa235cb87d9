"""Formulas: deriving them from a symbolic trace, simplifying, printing and comparing them."""
