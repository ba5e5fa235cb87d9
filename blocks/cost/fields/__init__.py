"""What every element of every tensor sees of the input picture: sets of positions, followed through the traced operations."""
