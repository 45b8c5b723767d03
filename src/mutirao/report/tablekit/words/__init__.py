"""One catalogue a language: all the words of the sheets; a new language is one more file with the same keys."""
