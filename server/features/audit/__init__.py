"""Every deed that matters is written down with it, and nobody can change or remove what was written unnoticed."""
