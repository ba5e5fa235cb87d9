"""The Explore page: one network with its knobs, figures, graph, formulas and latency."""
