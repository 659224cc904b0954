"""What all doors share: headers, languages, errors, failure pages, conditions, the wiring."""
