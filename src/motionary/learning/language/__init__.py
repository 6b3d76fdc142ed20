"""Learning of the motion language model: what it is taught (``exercises``), from what (``material``), and how."""
