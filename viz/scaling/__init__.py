"""The Scaling page: figures over one or two knobs, power laws, compound scaling, scaling against published accuracy."""
