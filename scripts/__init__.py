"""What is run beside the app: benchmarks, calibration, screenshots."""
