"""From a published file to figures, facts and RDF: read, lay out, recognise, align, state."""
