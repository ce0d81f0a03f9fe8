"""Documents to bytes: one member per encoding."""
