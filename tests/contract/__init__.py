"""Suites that every store passes alike."""
