"""Typed text as values: one module per family of Field types.

A reader takes text and a `Reading` and gives the canonical form, or None if
the text cannot be read. The canonical form, read by `Reading.plain`, is
itself. Rules of a Field are judged in `fields.py`.

Rules: protocol/SPEC.md, FD5 to FD9.
"""
