"""Networks that tell which actions come next, and for how long."""
