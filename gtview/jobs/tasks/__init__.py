"""What child processes do, one file a task."""
