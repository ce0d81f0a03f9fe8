"""The nouns: what happened (event), where it was read (record), what is claimed (finding), and the sums (ledger)."""
