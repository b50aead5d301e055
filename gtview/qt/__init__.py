"""Qt that knows nothing of spikes."""
