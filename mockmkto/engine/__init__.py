"""What Marketo does, without HTTP and XML."""
