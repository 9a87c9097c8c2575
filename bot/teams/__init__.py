"""The coach in Microsoft Teams: activities in, Adaptive Cards out."""
