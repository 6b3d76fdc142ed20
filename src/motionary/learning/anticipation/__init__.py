"""How networks learn to tell which actions come next."""
