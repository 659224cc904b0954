"""Random kills: cardholders, accountants and a worker on one database, killed and started again and again."""
