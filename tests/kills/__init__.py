"""Processes that are killed with SIGKILL at a named point, and what the next process finds."""
