"""The least page that Streamlit can rerun: one widget and what it says, as Streamlit comes. The yardstick for the speed of a knob."""

import streamlit as st

st.title("Bare")
kind = st.query_params.get("widget", "slider")
if kind == "slider":
    value = st.slider("Knob", 1, 99, 3, 2, key="knob")
elif kind == "number":
    value = st.number_input("Knob", 1, 99, 3, 2, key="knob")
else:
    value = st.selectbox("Knob", range(1, 100, 2), 1, key="knob")
with st.container(key="figure"):
    st.markdown(f"The knob is at {value}")
