"""Mails: which are due, what they say, how they leave."""
