"""The outside bank: what we may ask of it, and the HTTP client that asks."""
