"""Measuring latency: experiment, workload, devices, sampling, statistics, verdict, profile."""
