"""The only code that changes which spike is in which cluster."""
