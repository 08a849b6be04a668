"""The wire: the contract as spyne models, its document, and bytes to answer."""
