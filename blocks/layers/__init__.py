"""Parts that families share: common layers, residual blocks and networks, octave and shake-shake parts."""
