"""The case file and its entries; people around the child; the case; caseload; name search (design §2)."""
