"""The lectures' experiments: real tensors, seeded, seconds on two processor cores; each tests one claim with a stated bound.

An experiment is a file here that makes an :class:`blocks.experiments.base.Experiment` called ``EXPERIMENT``; its name in lectures is
the file's. It imports torch and the library, and knows nothing of pages.
"""
