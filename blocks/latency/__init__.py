"""The latency laboratory: experiments, the measuring process, the statistics."""
