"""What pages read: named columns, one statement or few a page, nothing written."""
