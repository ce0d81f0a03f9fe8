"""How bytes become events: framing, the decoding ladder, and one file per wrapper."""
