"""Writes docs/messages.md: every message in four languages, from the tables that the pages read."""
