"""The page that a reader sees, in the tab and in an exported file: its files, its words, and a tag's buckets for it."""
