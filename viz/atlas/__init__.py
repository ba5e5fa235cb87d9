"""The Atlas: all families as a map of time and ideas, and their presets on accuracy against cost."""
