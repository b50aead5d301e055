"""What every floor may use; knows nothing of spikes, files of datasets, or Qt."""
