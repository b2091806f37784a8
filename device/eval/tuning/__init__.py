"""What tuning a language model for this agent has changed."""
