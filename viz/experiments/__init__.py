"""The lectures' experiments on a page: run in the background, and drawn."""
