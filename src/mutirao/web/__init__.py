"""The web application's own rooms: people, cities, runs, plans, departments."""
