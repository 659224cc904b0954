"""Help: the toolkit and all messages at a glance."""
