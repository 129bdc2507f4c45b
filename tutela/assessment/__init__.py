"""Initial and comprehensive assessment, the risk level with its reasons, needs (R18–R25)."""
