"""The traced graph as a picture: folded by module, laid out in process, shown by a small component of our own."""
