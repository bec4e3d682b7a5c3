"""What changed between published versions and why; what an edited rule would change; the marts of an earlier day.

publications.py   what a version was made from, in the published file
comparison.py     the differences of two marts files
causes.py         the landed rows behind a difference
rules.py          the rules behind it
rebuild.py        marts beside the published ones: previews and replays
describe.py       all of it as text
"""
