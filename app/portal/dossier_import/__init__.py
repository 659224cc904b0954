"""Bringing in the office's dossiers from a file."""
