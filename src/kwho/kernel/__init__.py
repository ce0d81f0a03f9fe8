"""map, merge, conclude: the pure middle of every runner."""
