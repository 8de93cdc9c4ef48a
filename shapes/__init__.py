"""The rules: SHACL shapes and the runner that validates a graph and reports."""
