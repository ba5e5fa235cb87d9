"""Checking the counts of opened networks beside the pages, in a process of its own."""
