"""How well kwho detects: what it says about logs of which every attack is known, and what it says beyond.

`truth` tells what was done, `answer` what kwho said, `score` compares the two by audit id, `table` writes it down.
Logs come from recordings of a real API server (`tests/data/recordings`) and from days that `kwho.sample` generates,
which `thin` shows as a poorer audit policy would have recorded them.
"""
