"""One small process per host that holds the root key and the opened names in memory, behind a Unix socket.

Web, worker and command line ask it. It writes no name and, but for the demonstration, no key. No Django.
Source: design §5.
"""
