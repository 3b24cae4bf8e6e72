"""What the command `tocsin` can do, one noun a file. Heavy things are imported inside, to start fast."""
