"""Text: frozen encoders behind one small interface."""

from motionary.text.encoder import TokenEncoder, load, pool

__all__ = ["TokenEncoder", "load", "pool"]
