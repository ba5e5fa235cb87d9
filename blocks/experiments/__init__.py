"""The lectures' experiments: real tensors, seeded, a few seconds on two CPU cores; each tests one claim against a stated bound.

An experiment is a file here that makes an :class:`blocks.experiments.base.LiveExperiment` called ``EXPERIMENT``; its name in lectures is
the file's. It imports torch and the library, and knows nothing of pages.
"""
