"""Findings to incidents: what joins them (`joins`), how grave it is together (`score`), and how it went (`story`)."""
