"""How fast pages are, beside the least that the same work could take (`script/bench`).

No test: times differ from run to run."""
