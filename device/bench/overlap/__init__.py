"""`device bench async`: the asynchronous agent against its own strict turns, workload by workload."""
