"""What a user asks for, one module a verb. A task loads what it needs and knows nothing of the command line."""
