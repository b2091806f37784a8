"""Makes the dialogues that a small model is tuned on: asynchronous ones, as the agent itself would have had them."""
