"""Processes beside the app: what must not stop a page, or must survive a crash, runs in one of these.

A :class:`~blocks.workers.pool.Pool` takes jobs, shares them fairly between sessions and gives each to one of its processes. Every process
runs :mod:`blocks.workers.serve` with the handler that the pool names, and talks to the app in JSON messages.

``concurrent.futures`` and loky were considered: a crash breaks their whole pool, a running task reports no progress and cannot be
cancelled, there is no limit of time or memory per task, and results are pickled, so a measured network could run code in the app.
"""
