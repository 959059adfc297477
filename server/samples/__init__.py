"""Workflows that come with the product."""
