"""What the project does to itself: set up, schemas, measurements."""
