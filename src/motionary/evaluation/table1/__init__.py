"""The seed paper's table, every row and the controls that it lacks: trained, measured and compared by one command."""
