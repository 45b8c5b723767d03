"""What people see of a plan: figures, sentences, the report as one page, the council brief, exports."""
