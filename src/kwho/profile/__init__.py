"""Counts of what a log looks like, without judgement."""
