"""What the log has told so far: facts about objects, folded in event order to a world that answers as of a time.

`things` finds facts in events (one file per kind of thing), `gather` keeps them within bounds, `world` folds them,
`access` resolves bindings to what they grant, `gained` says which identities a request brought, and `snapshot` fills
the time before the log. Nothing here judges.
"""
