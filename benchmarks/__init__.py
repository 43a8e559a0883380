"""Accuracy, speed and latency, measured; `results/` keeps what was measured where and when."""
