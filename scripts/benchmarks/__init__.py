"""The figures in README: each file measures one, and prints rows with ratios from one run."""
