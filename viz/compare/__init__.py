"""The Compare page: two to four variants side by side."""
