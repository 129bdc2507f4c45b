"""The pack and form versions in force, stored whole by content hash; which agency uses which from which day (design §3, §4)."""
