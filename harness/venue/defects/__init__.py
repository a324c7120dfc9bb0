"""The venue's defects: one module each, named by the case that it reproduces.

A defect module holds `CASE`, its id, and `apply`, which takes the healthy parts and replaces exactly one.
"""
