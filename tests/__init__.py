"""Tests mirror the source: one folder a package, one file a module."""
