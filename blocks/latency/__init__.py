"""The latency lab: a figure is an experiment, measured in a process of its own.

    from blocks.latency import lab

    e = lab.Experiment("mobilenet_v2", knobs=(("width_mult", 0.5),), input_shape=(1, 3, 224, 224), device="cpu", threads=1)
    job = lab.submit(e, session="browser-7", replace=True)    # returns at once; replace cancels this session's older jobs
    s = lab.status(job)          # .state .position .phase .n .median .low .high .recent .share .message .over
    lab.cancel(job)              # over within a second
    m = lab.result(job)          # Measurement once state is "done": .median .low .high .n .p90 .p99 .why .remarks .throughput
    job = lab.compare([e, other])                             # result: Comparison: .sentence .verdicts .ranking
    job = lab.profile(e)                                      # result: Profile, seconds by trace node: .by_node .whole .sum .explained
    lab.devices()                # every CUDA device, MPS, CPU; .note is the sentence where there is no GPU
    lab.options("cpu")           # every value of every choice, with the reason where the device cannot do it

Nothing here waits except ``lab.wait`` (for the command line and tests). What cannot be asked raises ``KnobError``; everything else that
goes wrong ends the job with a sentence in ``status(job).message``. Times are seconds.
Grids of experiments are :mod:`blocks.latency.sweeps.sweep`'s. Results go to :mod:`blocks.latency.store.ledger`; the statistics are pure functions in :mod:`blocks.latency.measure.statistics` and :mod:`blocks.latency.measure.verdict`.
"""
