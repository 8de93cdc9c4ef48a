"""The words: vocabulary, code lists and table forms, as Turtle, and their loader."""
