"""What is a post about? The encoder our model was made from, and the posts that tell of the same problem."""
