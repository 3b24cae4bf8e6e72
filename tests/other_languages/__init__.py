"""Other search languages' own tests, put into ours where they mean the same; else the reason is given."""
