"""Lectures: content files (pages/lectures/<language>/<family>.md) read, filled with live numbers and shown step by step."""
