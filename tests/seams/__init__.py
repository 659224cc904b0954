"""Every call that leaves the product fails once, in each way, in each use case."""
