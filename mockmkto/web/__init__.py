"""Everything that speaks HTTP beside the API itself."""
