"""The person writes: what the owner decides wins over what a machine believes."""
