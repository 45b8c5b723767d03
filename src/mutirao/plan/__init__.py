"""The search for a plan and what is asked of it: targets, rules, wedges, assessment, headwinds, diagnosis."""
