"""Sheets for a meeting of residents around one table, and what their answers change."""
