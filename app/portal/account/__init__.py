"""What is one's own, and what is the office's."""
