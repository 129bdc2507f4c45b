"""Identification, screening, eligibility, registration (R1–R6, R15–R17)."""
