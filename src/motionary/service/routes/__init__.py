"""The routes of the service, one module a topic, each with a ``router``."""
