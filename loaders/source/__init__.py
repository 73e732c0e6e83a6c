"""Read preference data from files, folders and the Hugging Face Hub."""
