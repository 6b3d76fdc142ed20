"""Networks only: no loops, no files but checkpoints."""
