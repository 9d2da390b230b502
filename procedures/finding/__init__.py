"""Search: index, synonyms, best bets, suggestions, what was not found."""
