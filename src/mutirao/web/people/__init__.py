"""Who uses the software and for whom they speak: people, organisations, mandates, invitations, reminders, tokens."""
