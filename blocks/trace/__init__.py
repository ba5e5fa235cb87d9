"""One run of a network on shape proxies, and the numbers that remember how they were made."""
