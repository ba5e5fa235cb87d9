"""One file a family: its papers, its blocks, its models, its presets."""
