"""motionary joins language and human movement."""

__version__ = "0.1.0"
