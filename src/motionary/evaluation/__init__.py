"""Measures of what a model makes: one module a protocol."""
