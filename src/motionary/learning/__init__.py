"""One training loop, its data and its presets."""
