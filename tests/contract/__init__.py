"""Writes docs/openapi.json: the contract of the testers' API, from the table that answers its calls."""
