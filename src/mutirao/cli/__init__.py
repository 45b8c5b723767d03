"""Commands, found by entry point; the command loader in `main` is the only lazy import in the code base."""
