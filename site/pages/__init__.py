"""The pages: for each kind one frozen record, and the function that fills it from the book."""
