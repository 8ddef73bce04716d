"""Papers people hand in stay sealed and are seen only on record; papers they are given carry a number and a proof."""
