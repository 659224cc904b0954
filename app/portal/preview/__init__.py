"""Every page and mail that a cardholder may see, shown before anybody sees it; nothing happens."""
