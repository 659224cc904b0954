"""Ordering for many dossiers at once."""
