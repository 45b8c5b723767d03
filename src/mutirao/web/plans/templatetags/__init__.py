"""Parts of reports in templates."""
