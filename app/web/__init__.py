"""What all blueprints share: middleware, errors, failure pages, link pages, conditions, metrics."""
