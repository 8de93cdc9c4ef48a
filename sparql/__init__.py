"""The service: store, query workers, content negotiation, SPARQL 1.1 Protocol, URIs."""
