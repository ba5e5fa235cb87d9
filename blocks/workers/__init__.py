"""Processes beside the app: messages, starting and supervising them, limits, a fair queue."""
