"""What pages share: the choice and its address, widgets, numbers, palette, charts, live tasks."""
