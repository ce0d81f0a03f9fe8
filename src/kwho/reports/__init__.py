"""From a result to what a person reads: masking, ranking, sentences, the screen, one finding in full, charts."""
