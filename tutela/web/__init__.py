"""The pages: each view fetches through the reader's own reach, calls one verb or asks questions, and fills a template."""
