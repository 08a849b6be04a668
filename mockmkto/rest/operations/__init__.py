"""The operations of the REST API, one module a family: how a request is read, and an answer shown."""
