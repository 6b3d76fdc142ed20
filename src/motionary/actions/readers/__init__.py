"""Files of other people -> timelines, one module a layout."""
