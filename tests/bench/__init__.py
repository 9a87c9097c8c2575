"""The bot's speed as ratios against bare floors measured in the same run."""
