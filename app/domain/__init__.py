"""Decisions as plain functions and tables; no framework, no row, no clock."""
