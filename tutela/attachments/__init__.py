"""Photos, recordings, papers and signatures that belong to an answer: sealed like it, and kept beside the databases."""
