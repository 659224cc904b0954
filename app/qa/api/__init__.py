"""The testers' API: JSON in and out."""
