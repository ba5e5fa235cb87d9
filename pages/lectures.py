"""Lectures: every family taught on its own networks, step by step, in a presentation or as a handout."""

from viz.lectures.show import page
from viz.page import begin

begin()
page()
