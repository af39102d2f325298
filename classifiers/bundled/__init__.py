"""The transformer that ships with the program: model, tokenizer, card."""
