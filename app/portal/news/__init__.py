"""What an accountant is told of by mail."""
