"""Which emotion or style a body shows: the splits, what must be beaten, and the tables."""
