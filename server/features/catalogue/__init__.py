"""Catalogue: what can be done, where and by what rules. Nothing outside a published guide can be asked of anybody."""
