"""Stand-ins for hardware and models, shipped so that demos and tests use the same ones."""
