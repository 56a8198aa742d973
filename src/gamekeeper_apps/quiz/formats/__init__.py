"""Questions from other systems: one reader per format, one shape of result, every omission named."""
