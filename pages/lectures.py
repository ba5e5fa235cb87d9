"""Lectures: every family taught on its own networks, step by step, in a presentation or as a handout."""

from viz.kit.page import begin_page
from viz.lectures.show import page

begin_page()
page()
