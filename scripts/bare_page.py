"""The page that a turn is measured against (scripts/load.py): a slider, five figures, a formula and a table, and nothing to compute."""

import numpy as np
import pandas as pd
import streamlit as st

value = st.slider("Knob", 0, 1000, key="knob")
for place, column in enumerate(st.columns(5)):
    column.metric(f"Figure {place}", value + place)
st.latex(rf"{value} \cdot x^2 + {value + 1}")
st.dataframe(pd.DataFrame(np.arange(1500).reshape(150, 10) + value))
