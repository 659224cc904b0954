"""The audit: every page in every state, in every language, measured against what is promised."""
