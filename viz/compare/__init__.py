"""The Compare page: two to six variants side by side."""
