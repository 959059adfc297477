"""Procedures of a real contact centre as Workflows."""
