"""Many cardholders at once, on a server that runs."""
