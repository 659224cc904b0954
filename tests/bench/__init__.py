"""How fast the pages are, as multiples of a bare Flask page on the same server in the same run."""
