"""Latency on devices that are not here: known ones from published tables, unknown ones from a few probes.

    from blocks.latency.devices.prediction import predict_known, predict_probed

    predict_known("Raspberry Pi 5", "resnet50", {"se_ratio": 16})
    predict_probed({"mobilenet_v2": 12.3, "resnet50": 80.0}, "efficientnet_b0")

Two steps. Across devices (:mod:`blocks.latency.devices.transfer`): a Gaussian process over the devices of a table tells, from the probes of a new one, the times of every
network that the table has. Across networks (:mod:`blocks.latency.devices.network_kriging`): from those, the time of any network, by what its trace computes, moves and launches.
"""
