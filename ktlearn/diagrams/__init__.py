"""Diagrams of the lessons: boxes and arrows, drawn by code."""
