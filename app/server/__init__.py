"""What listens beside the web processes."""
