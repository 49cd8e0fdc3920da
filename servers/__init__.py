"""Real servers on this machine's loopback: for the demo, the tests and the benchmarks."""
