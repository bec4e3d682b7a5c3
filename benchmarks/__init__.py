"""Benchmarks: the whole pipeline against a floor, and the window join against other engines."""
