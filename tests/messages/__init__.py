"""Writes docs/messages.md: every message in every language, from the tables that the pages read."""
