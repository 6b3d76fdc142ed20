"""Long-term action anticipation measured as the field does, with intervals: protocol, measures, methods, tables."""
