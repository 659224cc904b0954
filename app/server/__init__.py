"""What stands between the web processes and the network, and what listens beside them."""
