"""Healthy and sick trainings with known truth, and how often the rules are right about them."""
