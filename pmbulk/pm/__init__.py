"""The PM API and nothing else: transport, tokens, paging, and what an answer means."""
