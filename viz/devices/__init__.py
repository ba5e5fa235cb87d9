"""The Devices page: what is published of a hundred devices, what is estimated there, and a device of which a few networks were timed."""
