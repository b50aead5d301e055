"""Long work in child processes; knows neither Qt nor the session."""
