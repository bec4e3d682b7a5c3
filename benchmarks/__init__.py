"""Benchmarks: the whole pipeline against a lower bound, and the window join against other engines."""
