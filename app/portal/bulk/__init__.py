"""Doing one thing with many requests of the list."""
