"""Readings turned into pictures, widgets and URLs."""
