"""Logs on other machines, through fsspec: listed there, copied here in blocks, and read as files like any other.

Event files are read twice, once for where everything lies and once for the histograms, and every byte of them counts
(checksums). So what is needed of a remote log is brought to a cache on this machine first, by one process; whatever
reads it then, in whichever process, reads a file, and has no connection of its own.
"""
