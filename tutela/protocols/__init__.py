"""The standard operating procedures as dated, cited data: packs of rules, lists and forms. No Django."""
