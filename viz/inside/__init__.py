"""The Inside page: a picture goes through a network, and every number of it can be opened."""
