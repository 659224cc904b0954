"""What the product promises, from plain decisions to whole pages."""
