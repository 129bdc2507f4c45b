"""What leaves the house: for which purpose, which columns, who asked, who agreed, to whom; then it is swept (R87, R93)."""
