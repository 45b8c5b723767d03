"""The book: every tonne, every unit of money and every benefit posted to someone's account."""
