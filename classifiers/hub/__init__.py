"""Any other model: a Hugging Face checkpoint, by name or by folder, instead of the one that ships."""
