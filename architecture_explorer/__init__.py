"""The command ``architecture-explorer``: starts the app, and counts, compares and measures networks from a terminal."""
